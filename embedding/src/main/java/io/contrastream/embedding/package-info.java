/** Embeds images with a released encoder. Nothing here learns, and no type of ONNX Runtime leaves it. */
package io.contrastream.embedding;
