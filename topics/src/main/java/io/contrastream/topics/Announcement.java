package io.contrastream.topics;

import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.RecordFormat;
import io.contrastream.schemas.SingleObject;
import io.contrastream.schemas.WireFormatException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Tells those who embed with a model's newest announced release which one that is, and finds it. */
public final class Announcement {

    private static final Duration POLL = Duration.ofMillis(200);

    private Announcement() {}

    /**
     * Sends it in Avro's single-object encoding, and returns when Kafka has acknowledged it.
     *
     * @throws TopicException if the cluster does not answer, lacks the topic or refuses the record
     * @throws InterruptedException if the thread is interrupted
     */
    public static void send(
            String bootstrapServers, Map<String, String> properties, String topic, EncoderRelease release)
            throws InterruptedException {
        send(bootstrapServers, properties, topic, SingleObject.format(), release);
    }

    /**
     * Sends it, and returns when Kafka has acknowledged it.
     *
     * @param properties more properties of Kafka's clients
     * @param topic of announcements
     * @param format of its records
     * @throws TopicException if the cluster does not answer, lacks the topic or refuses the record
     * @throws InterruptedException if the thread is interrupted
     */
    public static void send(
            String bootstrapServers,
            Map<String, String> properties,
            String topic,
            RecordFormat format,
            EncoderRelease release)
            throws InterruptedException {
        try (Topics topics = new Topics(bootstrapServers, properties)) {
            topics.requireExisting(Map.of(Topic.ENCODER_RELEASES, topic));
        }
        Map<String, Object> all = new HashMap<>(ClientProperties.of(properties, ProducerConfig.configNames()));
        all.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        all.put(ProducerConfig.ACKS_CONFIG, "all");
        byte[] value = format.encode(release);
        byte[] key = release.getModel().getBytes(StandardCharsets.UTF_8);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(topic, key, value)).get();
        } catch (ExecutionException | KafkaException e) {
            Throwable reason = e.getCause() == null ? e : e.getCause();
            throw new TopicException("Kafka refused an announcement for '" + topic + "': " + reason.getMessage(), e);
        }
    }

    /**
     * The newest announcement of a model; records that are none are passed over.
     *
     * @param reader of the topic of announcements alone, from its beginning
     * @param ends of the topic: up to where it is read
     * @param format of its records
     * @throws TopicException if the cluster refuses
     */
    public static Optional<EncoderRelease> newest(
            TopicReader reader, Map<TopicPartition, Long> ends, RecordFormat format, String model) {
        EncoderRelease newest = null;
        while (!reader.reached(ends)) {
            for (ConsumerRecord<byte[], byte[]> record : reader.poll(POLL)) {
                EncoderRelease release = decoded(format, record.value());
                if (release != null && release.getModel().equals(model)) {
                    newest = release;
                }
            }
        }
        return Optional.ofNullable(newest);
    }

    private static EncoderRelease decoded(RecordFormat format, byte[] value) {
        try {
            return value == null ? null : format.decode(value, EncoderRelease.class);
        } catch (WireFormatException notOurs) {
            return null;
        }
    }
}
