/** The vertices of the graph that are the same for ND4J and oneDNN, and what makes them. The kernels of neither are here. */
package io.contrastream.encoders.dl4j.vertex;
