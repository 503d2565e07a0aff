package io.contrastream.jobs.topic;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * How topics are to be laid out in a cluster.
 *
 * @param names what each wanted topic is called
 * @param partitions of the topics that carry records of single images, at least 1; the other topics have one, so that their
 *     order is total
 * @param replicationFactor copies of every partition, at least 1; or −1 for the cluster's own default
 */
public record TopicLayout(Map<Topic, String> names, int partitions, short replicationFactor) {

    /** Replication as the cluster is set up. */
    public static final short CLUSTER_DEFAULT = -1;

    /** @throws IllegalArgumentException naming the value and its range if one is out of it */
    public TopicLayout {
        names = Map.copyOf(names);
        if (partitions < 1) {
            throw new IllegalArgumentException("partitions must be at least 1, but is " + partitions);
        }
        if (replicationFactor != CLUSTER_DEFAULT && replicationFactor < 1) {
            throw new IllegalArgumentException("replication factor must be at least 1, but is " + replicationFactor);
        }
    }

    /** All topics with their usual names. */
    public static TopicLayout all(int partitions, short replicationFactor) {
        return new TopicLayout(usualNames(EnumSet.allOf(Topic.class)), partitions, replicationFactor);
    }

    /** The usual names of some topics. */
    public static Map<Topic, String> usualNames(Set<Topic> topics) {
        Map<Topic, String> names = new EnumMap<>(Topic.class);
        topics.forEach(topic -> names.put(topic, topic.id()));
        return names;
    }

    int partitionsOf(Topic topic) {
        return topic.perImage() ? partitions : 1;
    }
}
