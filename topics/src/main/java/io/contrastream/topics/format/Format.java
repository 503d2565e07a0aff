package io.contrastream.topics.format;

import io.contrastream.schemas.RecordFormat;
import io.contrastream.schemas.SingleObject;
import io.contrastream.topics.Topic;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The formats that a topic may have. */
public enum Format {
    /** Avro's single-object encoding, which needs nobody else. */
    SINGLE_OBJECT,
    /** Avro behind Confluent's framing: a zero, the id of the schema in a registry (4 bytes), the record. */
    CONFLUENT,
    /** A JSON object a record. */
    JSON;

    private final String id = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /**
     * The format of the given id.
     *
     * @throws IllegalArgumentException naming what is allowed if there is none
     */
    public static Format of(String id) {
        return Arrays.stream(values())
                .filter(format -> format.id.equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown format '" + id + "', allowed: "
                        + Arrays.stream(values()).map(Format::toString).collect(Collectors.joining(", "))));
    }

    /**
     * The format of one topic. Asks nobody: a registry is asked when the first record needs it.
     *
     * @param topic what it is there for
     * @param name what it is called
     * @param properties of Kafka's clients, and the registry's, which {@link RegistryOptions} describes
     * @throws IllegalArgumentException naming the property if one is missing, unknown or out of its range
     */
    public RecordFormat on(Topic topic, String name, Map<String, String> properties) {
        return switch (this) {
            case SINGLE_OBJECT -> SingleObject.format();
            case JSON -> new JsonFormat();
            case CONFLUENT -> new ConfluentFormat(topic.type(), name, RegistryOptions.of(properties));
        };
    }

    /** The name in options. */
    @Override
    public String toString() {
        return id;
    }
}
