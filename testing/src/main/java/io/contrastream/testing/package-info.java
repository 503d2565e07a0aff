/** The assembled folder as processes that a test owns: scripts, Kafka, JobManager, TaskManagers. */
package io.contrastream.testing;
