package io.contrastream.cli;

import io.contrastream.learning.failure.Reason;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How to reach a Kafka cluster: options that several commands share. */
final class KafkaClient {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = {"-b", "--bootstrap-servers"},
            required = true,
            paramLabel = "HOST:PORT,…",
            description = "Brokers of the Kafka cluster.")
    private String bootstrapServers;

    @Option(
            names = "--kafka-config",
            paramLabel = "FILE",
            description = "Properties of Kafka's client, such as its security settings.")
    private Path file;

    @Option(
            names = "--kafka-property",
            paramLabel = "KEY=VALUE",
            description = "One property of Kafka's client; wins over the file.")
    private final Map<String, String> single = new LinkedHashMap<>();

    String bootstrapServers() {
        return bootstrapServers;
    }

    /** All properties. */
    Map<String, String> properties() {
        Map<String, String> all = new LinkedHashMap<>();
        if (file != null) {
            Properties properties = new Properties();
            try (Reader in = Files.newBufferedReader(file)) {
                properties.load(in);
            } catch (IOException | IllegalArgumentException e) {
                throw new ParameterException(
                        command.commandLine(), "--kafka-config " + file + ": cannot be read: " + Reason.of(e), e);
            }
            properties.stringPropertyNames().forEach(key -> all.put(key, properties.getProperty(key)));
        }
        all.putAll(single);
        return all;
    }
}
