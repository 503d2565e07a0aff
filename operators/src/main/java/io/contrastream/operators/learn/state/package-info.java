/** The learner's state in Flink: written and restored while a job runs, and read from a savepoint or checkpoint without one. */
package io.contrastream.operators.learn.state;
