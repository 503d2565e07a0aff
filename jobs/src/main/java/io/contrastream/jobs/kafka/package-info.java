/** The job's ends in Kafka: how records come in and go out, and whether the cluster is as the job needs it. */
package io.contrastream.jobs.kafka;
