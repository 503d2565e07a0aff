/**
 * Savepoints and checkpoints of any job, read without a job as Flink reads them in a restore. Knows nothing of what the states mean: that is
 * the business of the package that has written them.
 */
package io.contrastream.operators.saved;
