package io.contrastream.topics;

import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.ImageQuery;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.RecordFormat;
import io.contrastream.schemas.WireFormatException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Finds images in the topics and sends the tombstones that make a learner forget them. A tombstone goes to the partition in which its
 * image is, whatever the producer of the image chose it by: only there it comes behind the image.
 */
public final class Tombstones {

    private static final Duration POLL = Duration.ofMillis(200);

    private final String bootstrapServers;
    private final Map<String, String> properties;
    private final String imagesTopic;
    /** The newest record of an image in every partition that has one of it, by id. */
    private final Map<String, Map<Integer, Newest>> images = new TreeMap<>();

    /** @param label null for a tombstone, and for an image whose label comes by itself */
    private record Newest(String label, long timestamp, boolean tombstone) {}

    /**
     * Reads the topic of images.
     *
     * @param properties more properties of Kafka's clients
     * @param format of the images' records
     * @throws TopicException if the cluster does not answer or lacks the topic
     */
    public Tombstones(
            String bootstrapServers, Map<String, String> properties, String imagesTopic, RecordFormat format) {
        this.bootstrapServers = bootstrapServers;
        this.properties = properties;
        this.imagesTopic = imagesTopic;
        readAll(imagesTopic, format, LabelledImage.class, (record, image) -> add(record, image, format));
    }

    private void add(ConsumerRecord<byte[], byte[]> record, LabelledImage image, RecordFormat format) {
        if (image != null) {
            add(image.getId(), record, image.getLabel());
        } else if (record.value() != null) {
            ImageQuery withoutLabel = decoded(format, record.value(), ImageQuery.class);
            if (withoutLabel != null) {
                add(withoutLabel.getId(), record, null);
            }
        } else if (record.key() != null) {
            add(new String(record.key(), StandardCharsets.UTF_8), record, null);
        }
    }

    private void add(String id, ConsumerRecord<byte[], byte[]> record, String label) {
        images.computeIfAbsent(id, image -> new TreeMap<>())
                .put(record.partition(), new Newest(label, record.timestamp(), record.value() == null));
    }

    private <T extends SpecificRecord> void readAll(
            String topic, RecordFormat format, Class<T> type, BiConsumer<ConsumerRecord<byte[], byte[]>, T> consumer) {
        try (TopicReader reader = new TopicReader(bootstrapServers, properties, List.of(topic), true)) {
            Map<TopicPartition, Long> ends = reader.ends();
            while (!reader.reached(ends)) {
                reader.poll(POLL).forEach(record -> consumer.accept(record, decoded(format, record.value(), type)));
            }
        }
    }

    /** Null for a tombstone, and for what is no record of ours, which no learner has learned. */
    private static <T extends SpecificRecord> T decoded(RecordFormat format, byte[] value, Class<T> type) {
        try {
            return value == null ? null : format.decode(value, type);
        } catch (WireFormatException e) {
            return null;
        }
    }

    /**
     * The images of a class: those whose newest record in the topic of images has the label, and those that have gone from it, or have
     * no label there, and whose newest embedding has the label.
     *
     * @param format of the embeddings' records
     * @throws TopicException if the cluster lacks the topic of embeddings
     */
    public SortedSet<String> ofLabel(String label, String embeddingsTopic, RecordFormat format) {
        Map<String, String> embedded = new HashMap<>();
        readAll(embeddingsTopic, format, Embedding.class, (record, embedding) -> {
            if (embedding != null) {
                embedded.put(embedding.getId(), embedding.getLabel());
            } else if (record.value() == null && record.key() != null) {
                embedded.remove(new String(record.key(), StandardCharsets.UTF_8));
            }
        });
        SortedSet<String> ids = new TreeSet<>();
        embedded.forEach((id, last) -> {
            if (label.equals(last) && !isTold(images.get(id))) {
                ids.add(id);
            }
        });
        images.forEach((id, records) -> {
            if (label.equals(newest(records.values()).label)) {
                ids.add(id);
            }
        });
        return ids;
    }

    /** Whether the topic of images tells the label of an image, or that it is taken back. */
    private static boolean isTold(Map<Integer, Newest> records) {
        if (records == null) {
            return false;
        }
        Newest newest = newest(records.values());
        return newest.label != null || newest.tombstone;
    }

    private static Newest newest(Collection<Newest> records) {
        Newest newest = null;
        for (Newest record : records) {
            newest = newest == null || record.timestamp >= newest.timestamp ? record : newest;
        }
        return newest;
    }

    /**
     * Sends a tombstone for every image, and returns when Kafka has acknowledged all. One whose image is in several partitions gets one
     * in each.
     *
     * @throws TopicException if Kafka refuses one
     * @throws InterruptedException if the thread is interrupted
     */
    public void send(Collection<String> ids) throws InterruptedException {
        Map<String, Object> all = new HashMap<>(ClientProperties.of(properties, ProducerConfig.configNames()));
        all.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        all.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
        all.put(ProducerConfig.ACKS_CONFIG, "all");
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer())) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (String id : ids) {
                byte[] key = id.getBytes(StandardCharsets.UTF_8);
                Map<Integer, Newest> records = images.getOrDefault(id, Map.of());
                if (records.isEmpty()) {
                    sent.add(producer.send(new ProducerRecord<>(imagesTopic, key, null)));
                }
                for (int partition : records.keySet()) {
                    sent.add(producer.send(new ProducerRecord<>(imagesTopic, partition, key, null)));
                }
            }
            for (Future<RecordMetadata> tombstone : sent) {
                tombstone.get();
            }
        } catch (ExecutionException | KafkaException e) {
            Throwable reason = e.getCause() == null ? e : e.getCause();
            throw new TopicException("Kafka refused a tombstone for '" + imagesTopic + "': " + reason.getMessage(), e);
        }
    }
}
