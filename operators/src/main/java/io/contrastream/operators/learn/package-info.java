/**
 * The learning operator, as Flink calls it: how a learner starts where its task runs, and works until it is closed. What it starts from is in
 * {@code origin}, how mini-batches are formed in {@code minibatch}, what is checkpointed in {@code state}, what is reported in {@code watch}.
 * The algorithm itself is in {@code learning}.
 */
package io.contrastream.operators.learn;
