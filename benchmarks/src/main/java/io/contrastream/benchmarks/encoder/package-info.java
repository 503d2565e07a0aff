/**
 * {@code contrastream bench encoder}: the time of embedding and training on this machine, and the choices of network
 * and engine that the other benchmarks share.
 */
package io.contrastream.benchmarks.encoder;
