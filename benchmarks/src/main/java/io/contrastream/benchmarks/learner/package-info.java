/** {@code contrastream bench learner}: whole mini-batches, and the share of their time that is not the encoder's. */
package io.contrastream.benchmarks.learner;
