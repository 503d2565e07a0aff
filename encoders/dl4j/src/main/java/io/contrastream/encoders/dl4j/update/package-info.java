/** The optimiser in the semantics of PyTorch, as DL4J takes one. Nothing here knows a vertex. */
package io.contrastream.encoders.dl4j.update;
