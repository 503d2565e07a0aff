package io.contrastream.jobs.kafka;

import java.util.List;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The classes that Kafka's clients need for the first time when they are closed. A JobManager closes the job's class loader while the
 * client of the source's enumerator is still being closed, and a TaskManager that is stopped closes it before its tasks have ended.
 * A class that a client cannot load then keeps it from closing its connection, or is logged as an error.
 */
final class EndOfJob {

    private static final Logger LOG = LoggerFactory.getLogger(EndOfJob.class);
    private static final List<String> CLASSES = List.of(
            "org.apache.kafka.clients.consumer.CloseOptions",
            "org.apache.kafka.clients.consumer.CloseOptions$GroupMembershipOperation",
            // At a member's first heartbeat, seconds after it has joined: that may be the end.
            "org.apache.kafka.clients.consumer.internals.AbstractCoordinator$HeartbeatThread$1",
            "org.apache.kafka.common.metrics.internals.PluginMetricsImpl",
            "org.apache.kafka.common.network.Selector$CloseMode",
            // When a request fails because its client is closed.
            "org.apache.kafka.common.requests.RequestUtils",
            "org.apache.kafka.common.utils.Utils$SwallowAction");

    private EndOfJob() {}

    /** Loads them with the class loader that has the clients. */
    static void loadAhead() {
        try {
            for (String name : CLASSES) {
                Class.forName(name, true, KafkaProducer.class.getClassLoader());
            }
        } catch (ClassNotFoundException e) {
            LOG.warn("A connection to Kafka may stay open when the job ends", e);
        }
    }
}
