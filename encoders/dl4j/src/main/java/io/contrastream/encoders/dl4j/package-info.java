/**
 * The DL4J engine: a graph of vertices of our own, on oneDNN's primitives (CPU) or ND4J's operations (GPU). Only the
 * engine is public, and no type of ND4J leaves the package.
 */
package io.contrastream.encoders.dl4j;
