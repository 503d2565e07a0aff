package io.contrastream.topics;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.TopicConfig;

/**
 * How topics are to be laid out in a cluster.
 *
 * @param names what each wanted topic is called
 * @param partitions of the topics that carry records of single images, at least 1; the other topics have one, so that their
 *     order is total
 * @param replicationFactor copies of every partition, at least 1; or −1 for the cluster's own default
 * @param maxMessageBytes largest record, before compression, that the topics of images take, from 1 kB to 1 GB; the other topics
 *     have the cluster's own limit
 */
public record TopicLayout(Map<Topic, String> names, int partitions, short replicationFactor, long maxMessageBytes) {

    /** Room for the largest image that a job takes by default, and for what is around it. */
    public static final long USUAL_MESSAGE_BYTES = 11L << 20;

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
        if (maxMessageBytes < 1 << 10 || maxMessageBytes > 1 << 30) {
            throw new IllegalArgumentException(
                    "max message size must be from 1 kb to 1 gb, but is " + maxMessageBytes + " bytes");
        }
    }

    /** With room for the usual images. */
    public TopicLayout(Map<Topic, String> names, int partitions, short replicationFactor) {
        this(names, partitions, replicationFactor, USUAL_MESSAGE_BYTES);
    }

    /** The usual topics with their usual names. */
    public static TopicLayout all(int partitions, short replicationFactor) {
        return new TopicLayout(usualNames(Topic.usual()), partitions, replicationFactor);
    }

    /** The usual names of some topics. */
    public static Map<Topic, String> usualNames(Set<Topic> topics) {
        Map<Topic, String> names = new EnumMap<>(Topic.class);
        topics.forEach(topic -> names.put(topic, topic.id()));
        return names;
    }

    /** Kafka's settings of a topic. */
    Map<String, String> settingsOf(Topic topic) {
        Map<String, String> settings = new HashMap<>(topic.settings());
        if (topic.isOfImages()) {
            settings.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Long.toString(maxMessageBytes));
        }
        return settings;
    }

    int partitionsOf(Topic topic) {
        return topic.perImage() ? partitions : 1;
    }
}
