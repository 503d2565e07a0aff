/**
 * One model with several learners: what the first one tells the others over Flink's edges, and the sums that they take together over
 * connections of their own. Knows nothing of memory, mini-batches and state.
 */
package io.contrastream.operators.replica;
