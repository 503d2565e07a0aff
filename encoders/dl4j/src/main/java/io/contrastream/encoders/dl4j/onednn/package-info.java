/** Vertices of oneDNN's primitives, and the primitives, which nobody else sees. The graph and the losses are not known here. */
package io.contrastream.encoders.dl4j.onednn;
