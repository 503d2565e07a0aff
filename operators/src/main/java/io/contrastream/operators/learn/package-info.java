/**
 * The learning operator: when a mini-batch is closed, what is checkpointed and published. What a mini-batch does is
 * in {@code learning}.
 */
package io.contrastream.operators.learn;
