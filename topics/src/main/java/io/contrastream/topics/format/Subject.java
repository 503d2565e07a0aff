package io.contrastream.topics.format;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.apache.avro.Schema;

/** Under which name a registry keeps the schemas of a topic's values: Confluent's strategies. */
enum Subject {
    /** {@code TOPIC-value}. */
    TOPIC_NAME("TopicNameStrategy"),
    /** The full name of the record's type. */
    RECORD_NAME("RecordNameStrategy"),
    /** {@code TOPIC-} and the full name of the record's type. */
    TOPIC_RECORD_NAME("TopicRecordNameStrategy");

    private final String strategy;

    Subject(String strategy) {
        this.strategy = strategy;
    }

    /**
     * The strategy of the given name.
     *
     * @param strategy with or without its Java package
     * @throws IllegalArgumentException naming what is allowed if there is none
     */
    static Subject of(String strategy) {
        String name = strategy.substring(strategy.lastIndexOf('.') + 1);
        return Arrays.stream(values())
                .filter(subject -> subject.strategy.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("is '" + strategy + "', but must be "
                        + Arrays.stream(values())
                                .map(subject -> subject.strategy)
                                .collect(Collectors.joining(" or "))));
    }

    /** The subject of a topic's values. */
    String of(String topic, Schema schema) {
        return switch (this) {
            case TOPIC_NAME -> topic + "-value";
            case RECORD_NAME -> schema.getFullName();
            case TOPIC_RECORD_NAME -> topic + "-" + schema.getFullName();
        };
    }
}
