/** A Flink cluster that runs the job: submitting it, finding it by its name, stopping it. */
package io.contrastream.jobs.cluster;
