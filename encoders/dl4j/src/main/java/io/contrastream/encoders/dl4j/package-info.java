/**
 * The DL4J engine: the graph, its losses and heads, and its state. The vertices are of {@code onednn} on a CPU and of {@code nd4j} on a GPU.
 * Only the engine is for others, and no type of ND4J leaves the module.
 */
package io.contrastream.encoders.dl4j;
