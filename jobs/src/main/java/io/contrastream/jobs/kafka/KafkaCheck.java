package io.contrastream.jobs.kafka;

import io.contrastream.jobs.option.ImageSettings;
import io.contrastream.jobs.option.InvalidOptionsException;
import io.contrastream.jobs.option.KafkaSettings;
import io.contrastream.topics.Topic;
import io.contrastream.topics.Topics;
import java.time.Duration;
import java.util.List;
import org.apache.flink.connector.base.DeliveryGuarantee;

/** Looks whether a Kafka cluster is as a job needs it, before the job is submitted. */
public final class KafkaCheck {

    private KafkaCheck() {}

    /**
     * Checks that the cluster answers, that every topic exists, that it takes the largest record, and for exactly-once output
     * that transactions may stay open for as long as the options want.
     *
     * @param images the topic that images come from
     * @param largestRejectionBytes largest record for a rejected image
     * @param largestImageBytes largest encoded image that is decoded
     * @return what is not as a person may think, but no harm to the job
     * @throws io.contrastream.topics.TopicException naming the missing topics and the command that creates them, or if the
     *     cluster does not answer
     * @throws InvalidOptionsException if the cluster allows less than the options want
     */
    public static List<String> require(
            KafkaOptions options, Topic images, long largestRejectionBytes, long largestImageBytes) {
        try (Topics topics = new Topics(options.bootstrapServers(), options.properties())) {
            topics.requireExisting(options.topics());
        }
        try (ClusterLimits limits = new ClusterLimits(options)) {
            requireRoom(options, largestRejectionBytes, limits);
            requireTransactions(options, limits);
            return roomForImages(options.topic(images), largestImageBytes, limits);
        }
    }

    /** The same for a job that writes embeddings alone, and reads what is there. */
    public static void require(KafkaOptions options) {
        try (Topics topics = new Topics(options.bootstrapServers(), options.properties())) {
            topics.requireExisting(options.topics());
        }
        try (ClusterLimits limits = new ClusterLimits(options)) {
            requireTransactions(options, limits);
        }
    }

    private static void requireTransactions(KafkaOptions options, ClusterLimits limits) {
        if (options.deliveryGuarantee() == DeliveryGuarantee.EXACTLY_ONCE) {
            requireAllowed(options.transactionTimeout(), limits.transaction());
        }
    }

    /** A record that is too large for its topic fails the job, and a bad image must not. */
    private static void requireRoom(KafkaOptions options, long largestRejectionBytes, ClusterLimits limits) {
        String topic = options.topic(Topic.REJECTED_IMAGES);
        long limit = limits.recordBytes(topic);
        if (largestRejectionBytes > limit) {
            throw new InvalidOptionsException(List.of(ImageSettings.REJECTED_PAYLOAD_SIZE.key()
                    + " makes records of up to " + largestRejectionBytes
                    + " bytes, but max.message.bytes of the topic '"
                    + topic + "' allows " + limit + ": lower the one or raise the other"));
        }
    }

    /** Images that the topic does not take are the producers' trouble, who may not know of it. */
    private static List<String> roomForImages(String topic, long largestImageBytes, ClusterLimits limits) {
        long limit = limits.recordBytes(topic);
        return largestImageBytes <= limit
                ? List.of()
                : List.of(ImageSettings.MAX_ENCODED_SIZE.key() + " allows images of " + largestImageBytes
                        + " bytes, but the topic '" + topic + "' takes records of at most " + limit
                        + " bytes, so larger ones never get here: raise the topic's max.message.bytes, which topics create"
                        + " --max-message-size does for a new topic, or lower the option");
    }

    private static void requireAllowed(Duration timeout, Duration maximum) {
        if (timeout.compareTo(maximum) > 0) {
            throw new InvalidOptionsException(List.of(KafkaSettings.TRANSACTION_TIMEOUT.key() + " is "
                    + timeout.toSeconds() + " s, but must be at most the brokers' transaction.max.timeout.ms, which is "
                    + maximum.toSeconds() + " s"));
        }
    }
}
