package io.contrastream.topics;

import java.util.Map;
import java.util.Optional;

/**
 * One topic as a cluster has it.
 *
 * @param topic what it is there for
 * @param name what it is called
 * @param partitions how many it has; 0 if it does not exist
 * @param replicationFactor copies of a partition; 0 if it does not exist
 * @param cleanupPolicy Kafka's {@code cleanup.policy}; empty if it does not exist
 * @param records by partition, offsets between the oldest record and the end: an upper bound of the records
 */
public record TopicStatus(
        Topic topic,
        String name,
        int partitions,
        int replicationFactor,
        String cleanupPolicy,
        Map<Integer, Long> records) {

    public TopicStatus {
        records = Map.copyOf(records);
    }

    /** Whether it exists. */
    public boolean exists() {
        return partitions > 0;
    }

    /** A warning about its clean-up, if it is not the one that the topic needs. */
    public Optional<String> concern() {
        return exists() && !cleanupPolicy.equals(topic.cleanupPolicy())
                ? Optional.of("cleanup.policy is " + cleanupPolicy + ", usual is " + topic.cleanupPolicy())
                : Optional.empty();
    }

    /** Sum of {@link #records()}. */
    public long total() {
        return records.values().stream().mapToLong(Long::longValue).sum();
    }
}
