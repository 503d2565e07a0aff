package io.contrastream.cli;

import io.contrastream.schemas.RecordFormat;
import io.contrastream.topics.Topic;
import io.contrastream.topics.format.Format;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Formats of the records of topics: an option that several commands share. */
final class TopicFormats {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--format",
            paramLabel = "[TOPIC=]FORMAT",
            description = "What the records of all topics are, or of one, such as embeddings=json: single-object (the"
                    + " default), confluent or json, as kafka.format of the jobs. For confluent the properties of"
                    + " Kafka's client have schema.registry.url.")
    private final List<String> given = new ArrayList<>();

    /** The format of a topic that is read or written through the client. */
    RecordFormat of(Topic topic, String name, KafkaClient kafka) {
        Format format = Format.SINGLE_OBJECT;
        Map<Topic, Format> single = new EnumMap<>(Topic.class);
        for (String text : given) {
            try {
                int equals = text.indexOf('=');
                if (equals < 0) {
                    format = Format.of(text);
                } else {
                    single.put(Topic.of(text.substring(0, equals)), Format.of(text.substring(equals + 1)));
                }
            } catch (IllegalArgumentException e) {
                throw new ParameterException(command.commandLine(), "--format " + text + ": " + e.getMessage(), e);
            }
        }
        try {
            return single.getOrDefault(topic, format).on(topic, name, kafka.properties());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    command.commandLine(), "--kafka-config, --kafka-property: " + e.getMessage(), e);
        }
    }
}
