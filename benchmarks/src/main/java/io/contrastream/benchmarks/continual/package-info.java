/**
 * {@code contrastream bench continual} and {@code bench unknown}: the learner without Kafka and Flink, classes stage
 * after stage or as a stream, and figures of how well it learns. How fast it is belongs elsewhere.
 */
package io.contrastream.benchmarks.continual;
