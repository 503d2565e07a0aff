package io.contrastream.reliability;

import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.schemas.SingleObject;
import io.contrastream.schemas.WireFormatException;
import io.contrastream.testing.Await;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** Embeddings that a job has published, read like any consumer does. */
final class Embeddings implements AutoCloseable {

    private final TopicReader reader;
    private final SortedMap<Integer, List<Embedding>> partitions = new TreeMap<>();

    private Embeddings(String bootstrapServers, LearningRun run, String isolation) {
        this.reader = new TopicReader(
                bootstrapServers, Map.of("isolation.level", isolation), List.of(run.topic(Topic.EMBEDDINGS)), true);
    }

    /** Those that are published for good. */
    static Embeddings committed(String bootstrapServers, LearningRun run) {
        return new Embeddings(bootstrapServers, run, "read_committed");
    }

    /** All that were ever written, including those taken back when the job failed. */
    static Embeddings written(String bootstrapServers, LearningRun run) {
        return new Embeddings(bootstrapServers, run, "read_uncommitted");
    }

    /** Reads on to where the topic ends now. */
    Embeddings read() throws WireFormatException {
        Map<TopicPartition, Long> ends = reader.ends();
        while (!reader.reached(ends)) {
            for (ConsumerRecord<byte[], byte[]> record : reader.poll(Duration.ofMillis(100))) {
                partitions
                        .computeIfAbsent(record.partition(), partition -> new ArrayList<>())
                        .add(
                                record.value() == null
                                        ? tombstone(record.key())
                                        : SingleObject.decode(record.value(), Embedding.class));
            }
        }
        return this;
    }

    private static Embedding tombstone(byte[] key) {
        return Embedding.newBuilder()
                .setId(new String(key, StandardCharsets.UTF_8))
                .setVector(List.of())
                .setEncoderVersion(0)
                .setEventTime(Instant.EPOCH)
                .setEmbeddedAt(Instant.EPOCH)
                .setOrigin(EmbeddingOrigin.UNKNOWN)
                .build();
    }

    /** Reads on until so many different images have been learned. */
    void awaitLearned(int images) throws Exception {
        Await.until(images + " images are learned", Duration.ofMinutes(10), () -> {
            Set<String> ids = new HashSet<>();
            read().learned().forEach(embedding -> ids.add(embedding.getId()));
            return ids.size() >= images;
        });
    }

    /** Reads on until there is an embedding of an encoder's version. */
    void awaitVersion(long version) throws Exception {
        Await.until(
                "there is an embedding of version " + version,
                Duration.ofMinutes(10),
                () -> read().learned().anyMatch(embedding -> embedding.getEncoderVersion() == version));
    }

    /** Reads on until an image has been learned after the given time. */
    void awaitStepAfter(Instant time) throws Exception {
        Await.until(
                "there is a training step after " + time,
                () -> read().learned()
                        .anyMatch(embedding -> embedding.getEmbeddedAt().isAfter(time)));
    }

    /** Those of images just learned. */
    Stream<Embedding> learned() {
        return partitions.values().stream().flatMap(List::stream).filter(Embeddings::isLearned);
    }

    static boolean isLearned(Embedding embedding) {
        return embedding.getOrigin() == EmbeddingOrigin.LEARNED;
    }

    /** Whether it is in the place of a tombstone: it has no vector. */
    static boolean isTombstone(Embedding embedding) {
        return embedding.getVector().isEmpty();
    }

    /** Every partition's records in their order. */
    SortedMap<Integer, List<Embedding>> partitions() {
        return partitions;
    }

    /** All that is said in a record but when it was made, which is all that two runs over the same images may differ in. */
    static String text(Embedding embedding) {
        return Embedding.newBuilder(embedding)
                .setEmbeddedAt(Instant.EPOCH)
                .build()
                .toString();
    }

    @Override
    public void close() {
        reader.close();
    }
}
