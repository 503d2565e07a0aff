package io.contrastream.jobs.kafka;

import io.contrastream.jobs.option.InvalidOptionsException;
import io.contrastream.jobs.option.KafkaSettings;
import io.contrastream.jobs.topic.Topics;
import java.time.Duration;
import java.util.List;
import org.apache.flink.connector.base.DeliveryGuarantee;

/** Looks whether a Kafka cluster is as a job needs it, before the job is submitted. */
public final class KafkaCheck {

    private KafkaCheck() {}

    /**
     * Checks that the cluster answers, that every topic exists and, for exactly-once output, that the cluster allows the
     * transaction timeout.
     *
     * @throws io.contrastream.jobs.topic.TopicException naming the missing topics and the command that creates them, or if the
     *     cluster does not answer
     * @throws InvalidOptionsException if the transaction timeout is longer than the cluster allows
     */
    public static void require(KafkaOptions options) {
        try (Topics topics = new Topics(options.bootstrapServers(), options.properties())) {
            topics.requireExisting(options.topics());
        }
        if (options.deliveryGuarantee() == DeliveryGuarantee.EXACTLY_ONCE) {
            requireAllowed(options.transactionTimeout(), TransactionLimit.of(options));
        }
    }

    private static void requireAllowed(Duration timeout, Duration maximum) {
        if (timeout.compareTo(maximum) > 0) {
            throw new InvalidOptionsException(List.of(KafkaSettings.TRANSACTION_TIMEOUT.key() + " is "
                    + timeout.toSeconds() + " s, but must be at most the brokers' transaction.max.timeout.ms, which is "
                    + maximum.toSeconds() + " s"));
        }
    }
}
