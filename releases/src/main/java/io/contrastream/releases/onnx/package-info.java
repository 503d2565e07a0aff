/** A released encoder as an ONNX model: writing it. What runs such a model may not live here. */
package io.contrastream.releases.onnx;
