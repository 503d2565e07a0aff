/**
 * ND4J's arrays: copies to and from Java, the workspaces that a pass takes them from, ND4J's operations on them, and the times of all
 * operations. Nothing here knows a vertex.
 */
package io.contrastream.encoders.dl4j.array;
