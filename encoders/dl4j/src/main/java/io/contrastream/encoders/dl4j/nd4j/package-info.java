/** Vertices of ND4J's operations, for a GPU and for tests in double precision. oneDNN is not here. */
package io.contrastream.encoders.dl4j.nd4j;
