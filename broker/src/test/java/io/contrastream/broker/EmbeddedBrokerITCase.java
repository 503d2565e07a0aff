package io.contrastream.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

final class EmbeddedBrokerITCase {

    @Test
    void recordsThatAreProducedAreConsumedInOrder() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            createTopic(broker, "numbers");
            try (KafkaProducer<byte[], byte[]> producer = producer(broker, Map.of())) {
                for (int i = 0; i < 100; i++) {
                    send(producer, i);
                }
            }

            assertThat(consume(broker, "numbers", 100)).containsExactlyElementsOf(count(100));
        }
    }

    @Test
    void committedTransactionsAreReadAndAbortedOnesAreNot() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            createTopic(broker, "numbers");
            try (KafkaProducer<byte[], byte[]> producer = producer(broker, Map.of("transactional.id", "writer"))) {
                producer.initTransactions();
                producer.beginTransaction();
                send(producer, 0);
                producer.commitTransaction();
                producer.beginTransaction();
                send(producer, 99);
                producer.abortTransaction();
                producer.beginTransaction();
                send(producer, 1);
                producer.commitTransaction();
            }

            assertThat(consume(broker, "numbers", 2)).containsExactly((byte) 0, (byte) 1);
        }
    }

    @Test
    void settingsOfTheCallerWin() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(Map.of("message.max.bytes", "1000"))) {
            createTopic(broker, "numbers");
            try (KafkaProducer<byte[], byte[]> producer = producer(broker, Map.of())) {
                assertThatThrownBy(() -> producer.send(new ProducerRecord<>("numbers", new byte[2000]))
                                .get())
                        .isInstanceOf(ExecutionException.class)
                        .hasCauseInstanceOf(RecordTooLargeException.class);
            }
        }
    }

    @Test
    void aSettingThatKafkaRefusesIsReported() {
        assertThatThrownBy(() -> EmbeddedBroker.start(Map.of("num.partitions", "none")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("num.partitions");
    }

    @Test
    void twoBrokersLiveSideBySideAndLeaveNoFolderBehind() throws Exception {
        Set<Path> before = brokerFolders();
        try (EmbeddedBroker first = EmbeddedBroker.start();
                EmbeddedBroker second = EmbeddedBroker.start()) {
            createTopic(first, "one");
            createTopic(second, "two");

            assertThat(topics(first)).containsExactly("one");
            assertThat(topics(second)).containsExactly("two");
            assertThat(brokerFolders()).hasSize(before.size() + 2);
        }

        assertThat(brokerFolders()).isSubsetOf(before);
    }

    private static Set<Path> brokerFolders() throws Exception {
        try (Stream<Path> paths = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return paths.filter(path -> path.getFileName()
                            .toString()
                            .startsWith("contrastream-broker-"
                                    + ProcessHandle.current().pid() + "-"))
                    .collect(Collectors.toSet());
        }
    }

    private static void createTopic(EmbeddedBroker broker, String topic) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        }
    }

    private static Set<String> topics(EmbeddedBroker broker) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            return admin.listTopics().names().get();
        }
    }

    private static void send(KafkaProducer<byte[], byte[]> producer, int number) throws Exception {
        producer.send(new ProducerRecord<>("numbers", new byte[] {(byte) number}))
                .get();
    }

    private static KafkaProducer<byte[], byte[]> producer(EmbeddedBroker broker, Map<String, Object> more) {
        Map<String, Object> properties = new HashMap<>(more);
        properties.put("bootstrap.servers", broker.bootstrapServers());
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static List<Byte> consume(EmbeddedBroker broker, String topic, int count) {
        Map<String, Object> properties = Map.of(
                "bootstrap.servers",
                broker.bootstrapServers(),
                "group.id",
                "readers",
                "auto.offset.reset",
                "earliest",
                "isolation.level",
                "read_committed");
        List<Byte> values = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(topic));
            Instant deadline = Instant.now().plus(Duration.ofSeconds(150));
            while (values.size() < count && Instant.now().isBefore(deadline)) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    values.add(record.value()[0]);
                }
            }
        }
        return values;
    }

    private static List<Byte> count(int end) {
        return Stream.iterate((byte) 0, i -> (byte) (i + 1)).limit(end).toList();
    }
}
