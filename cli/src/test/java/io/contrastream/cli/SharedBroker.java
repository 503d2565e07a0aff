package io.contrastream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.contrastream.broker.EmbeddedBroker;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * A broker with our topics, of two partitions each, that all tests of commands in this process share, and the commands run against it. It is
 * started with the first of their classes. A test sends to topics of its own.
 */
final class SharedBroker implements BeforeAllCallback {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private static EmbeddedBroker broker;
    private static KafkaProducer<byte[], byte[]> producer;

    @Override
    public void beforeAll(ExtensionContext context) {
        context.getRoot()
                .getStore(Namespace.create(SharedBroker.class))
                .getOrComputeIfAbsent(SharedBroker.class, first -> start(), AutoCloseable.class);
    }

    /** Returns what stops it behind the last test. */
    private static AutoCloseable start() {
        broker = EmbeddedBroker.start();
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        assertThat(run("topics", "create", "--partitions", "2").exitCode()).isZero();
        return () -> {
            producer.close();
            broker.close();
        };
    }

    static String bootstrapServers() {
        return broker.bootstrapServers();
    }

    /** Runs a command against the broker. */
    static Console run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("-b", broker.bootstrapServers()));
        return Console.run(all.toArray(String[]::new));
    }

    /** The records of a topic, as the command prints them. */
    static List<JsonNode> tail(String topic, String... options) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("tail", topic, "--from-beginning"));
        arguments.addAll(List.of(options));
        Console console = run(arguments.toArray(String[]::new));
        assertThat(console.exitCode()).as(console.err()).isZero();
        List<JsonNode> lines = new ArrayList<>();
        for (String line : console.out().lines().toList()) {
            lines.add(MAPPER.readTree(line));
        }
        return lines;
    }

    static void send(String topic, String key, byte[] value) throws Exception {
        send(new ProducerRecord<>(topic, bytes(key), value));
    }

    static void send(ProducerRecord<byte[], byte[]> record) throws Exception {
        producer.send(record).get();
    }

    static String[] with(String[] more, String... arguments) {
        return Stream.of(arguments, more).flatMap(Stream::of).toArray(String[]::new);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
