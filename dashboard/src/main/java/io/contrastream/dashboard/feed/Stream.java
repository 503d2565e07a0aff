package io.contrastream.dashboard.feed;

import io.contrastream.topics.Topic;
import java.util.Map;

/**
 * The cluster, topics and consumer groups that a page follows.
 *
 * @param bootstrapServers brokers of the Kafka cluster
 * @param properties more properties of Kafka's clients
 * @param topics what each topic is called; one that is not there is not followed
 * @param learningGroup consumer group of the learning job
 * @param embeddingGroup consumer group of the embedding job
 */
public record Stream(
        String bootstrapServers,
        Map<String, String> properties,
        Map<Topic, String> topics,
        String learningGroup,
        String embeddingGroup) {

    /** The learning job's group, unless it is told otherwise. */
    public static final String LEARNING_GROUP = "contrastream-learning";

    /** The embedding job's group, unless it is told otherwise. */
    public static final String EMBEDDING_GROUP = "contrastream-embedding";

    public Stream {
        properties = Map.copyOf(properties);
        topics = Map.copyOf(topics);
    }

    /** With the jobs' usual consumer groups. */
    public Stream(String bootstrapServers, Map<String, String> properties, Map<Topic, String> topics) {
        this(bootstrapServers, properties, topics, LEARNING_GROUP, EMBEDDING_GROUP);
    }
}
