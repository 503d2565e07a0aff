/**
 * The learner: mini-batch after mini-batch, from predicting to prototypes, and the format of its state. Knows no
 * clock, no Flink and no Kafka: when a mini-batch is closed is decided elsewhere.
 */
package io.contrastream.learning.learner;
