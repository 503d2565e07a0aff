package io.contrastream.dashboard.feed;

import io.contrastream.schemas.RecordFormat;
import io.contrastream.schemas.SingleObject;
import io.contrastream.topics.Topic;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The cluster, topics and consumer groups that a page follows.
 *
 * @param bootstrapServers brokers of the Kafka cluster
 * @param properties more properties of Kafka's clients
 * @param topics what each topic is called; one that is not there is not followed
 * @param formats what the records of each topic are
 * @param learningGroup consumer group of the learning job
 * @param embeddingGroup consumer group of the embedding job
 */
public record Stream(
        String bootstrapServers,
        Map<String, String> properties,
        Map<Topic, String> topics,
        Map<Topic, RecordFormat> formats,
        String learningGroup,
        String embeddingGroup) {

    /** Default of the learning job's group. */
    public static final String LEARNING_GROUP = "contrastream-learning";

    /** Default of the embedding job's group. */
    public static final String EMBEDDING_GROUP = "contrastream-embedding";

    public Stream {
        properties = Map.copyOf(properties);
        topics = Map.copyOf(topics);
        formats = Map.copyOf(formats);
    }

    /** With records in Avro's single-object encoding. */
    public Stream(
            String bootstrapServers,
            Map<String, String> properties,
            Map<Topic, String> topics,
            String learningGroup,
            String embeddingGroup) {
        this(
                bootstrapServers,
                properties,
                topics,
                topics.keySet().stream().collect(Collectors.toMap(topic -> topic, topic -> SingleObject.format())),
                learningGroup,
                embeddingGroup);
    }

    /** With records in Avro's single-object encoding, and the jobs' usual consumer groups. */
    public Stream(String bootstrapServers, Map<String, String> properties, Map<Topic, String> topics) {
        this(bootstrapServers, properties, topics, LEARNING_GROUP, EMBEDDING_GROUP);
    }

    /** The format of the records of a topic of that name. */
    public RecordFormat formatOf(String name) {
        return topics.entrySet().stream()
                .filter(topic -> topic.getValue().equals(name))
                .map(topic -> formats.get(topic.getKey()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no topic " + name + " among " + topics));
    }
}
