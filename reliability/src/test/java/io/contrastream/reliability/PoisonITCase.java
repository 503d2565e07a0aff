package io.contrastream.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.reliability.Poison.Sent;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.RejectedRecord;
import io.contrastream.schemas.SingleObject;
import io.contrastream.schemas.WireFormatException;
import io.contrastream.testing.Await;
import io.contrastream.testing.FlinkCluster;
import io.contrastream.testing.KafkaProcess;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Records that no one should send, thousands of them, to a job on a cluster of processes. */
final class PoisonITCase {

    private static final int RECORDS = Form.of(3_000, 100_000);
    private static final long SEED = Long.getLong("contrastream.reliability.seed", 1);
    private static final String TASK_MANAGER = "poisoned";
    private static final String MOST_RECORD_BYTES = Integer.toString(4 << 20);
    /** After the first quarter of the time; in the short form that is still the start of the engine and of the JVM. */
    private static final long MOST_GROWTH = Form.of(512L << 20, 96L << 20);
    /** Of conf/config.yaml. */
    private static final long PROCESS_BYTES = 4L << 30;

    private final Path logs = Path.of("target/poison-logs").toAbsolutePath();

    @TempDir
    private Path folder;

    /** The records that have come out so far, and where. */
    private final Map<Long, String> rejections = new HashMap<>();

    private final List<String> learned = new ArrayList<>();

    private final List<String> forgotten = new ArrayList<>();

    @Test
    @Timeout(5400)
    void everyRecordIsLearnedOrRejectedAndNeitherJobNorMemoryMinds() throws Exception {
        Poison poison = new Poison(SEED);
        try (KafkaProcess kafka = new KafkaProcess(folder, logs, Map.of("message.max.bytes", MOST_RECORD_BYTES));
                FlinkCluster cluster = new FlinkCluster(logs, "dl4j", MemoryWatch.SETTING)) {
            cluster.startJobManager();
            cluster.startTaskManager(TASK_MANAGER);
            LearningRun run = LearningRun.create(
                    "poison",
                    kafka,
                    "poison",
                    1,
                    folder,
                    Map.of(
                            "image.max-encoded-size", Poison.MOST_BYTES + " bytes",
                            "learner.batch-size", "50",
                            "learner.recall-size", "10",
                            "learner.flush-interval", "1 s",
                            "job.checkpoint-interval", "5 s"));
            cluster.awaitReady();
            long start = System.nanoTime();
            String job = cluster.submit(run.checkpoints(), run.arguments());
            try (MemoryWatch memory = new MemoryWatch(cluster, TASK_MANAGER)) {
                send(kafka.bootstrapServers(), run.topic(Topic.LABELLED_IMAGES), poison);
                awaitAll(kafka.bootstrapServers(), run);

                assertThat(cluster.rest().restarts(job)).as("restarts").isZero();
                assertThat(cluster.rest().runs(job)).as("runs").isTrue();
                double seconds = (System.nanoTime() - start) / 1e9;
                long logged = loggedRejections(cluster.taskManager(TASK_MANAGER).pid());
                System.out.printf(
                        "Poison, seed %d: %d records of %d kinds in %.0f s, %d learned, %d rejected, %d lines of log, 0 restarts;"
                                + " %s%n",
                        SEED,
                        RECORDS,
                        poison.kinds().size(),
                        seconds,
                        learned.size(),
                        rejections.size(),
                        logged,
                        memory);
                assertThat(logged).as("logged rejections").isBetween(1L, 2 + (long) seconds / 10);
                assertThat(memory.mostResidentBytes()).as("resident").isLessThan(PROCESS_BYTES);
                assertThat(memory.nativeGrowth())
                        .as("growth outside the heap: %s", memory)
                        .isLessThan(MOST_GROWTH);
            }
        }
        requireAccounted(poison);
    }

    private void send(String bootstrapServers, String topic, Poison poison) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers, "max.request.size", MOST_RECORD_BYTES),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            Future<RecordMetadata> last = null;
            for (int n = 0; n < RECORDS; n++) {
                Sent sent = poison.record(n);
                ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, 0, sent.key(), sent.value());
                for (int i = 0; i < n % 40; i++) {
                    record.headers().add(new RecordHeader("header-" + i % 35, i % 3 == 0 ? null : new byte[2_000]));
                }
                last = producer.send(record);
            }
            assertThat(last.get().offset())
                    .as("a record's number is its offset")
                    .isEqualTo(RECORDS - 1);
        }
    }

    /** Reads until there is a result of every record, as long as there are new ones. */
    private void awaitAll(String bootstrapServers, LearningRun run) throws Exception {
        try (TopicReader embeddings =
                        new TopicReader(bootstrapServers, Map.of(), List.of(run.topic(Topic.EMBEDDINGS)), true);
                TopicReader rejected =
                        new TopicReader(bootstrapServers, Map.of(), List.of(run.topic(Topic.REJECTED_IMAGES)), true)) {
            int before = -1;
            long deadline = 0;
            while (results() < RECORDS) {
                int now = results();
                if (now > before) {
                    before = now;
                    deadline = System.nanoTime() + Await.PATIENCE.toNanos();
                }
                assertThat(System.nanoTime())
                        .as("nothing new since %d of %d records", now, RECORDS)
                        .isLessThan(deadline);
                read(embeddings, rejected);
            }
            // Nor does more come: the second checkpoint from here on has begun after all of this was there.
            for (int checkpoint = 0; checkpoint < 2; checkpoint++) {
                String known = run.newestCheckpoint();
                Await.until(
                        "there is another checkpoint", () -> !List.of("", known).contains(run.newestCheckpoint()));
            }
            read(embeddings, rejected);
        }
    }

    private int results() {
        return learned.size() + forgotten.size() + rejections.size();
    }

    private void read(TopicReader embeddings, TopicReader rejected) throws WireFormatException {
        for (ConsumerRecord<byte[], byte[]> record : embeddings.poll(Duration.ofMillis(200))) {
            if (record.value() == null) {
                forgotten.add(new String(record.key(), StandardCharsets.UTF_8));
                continue;
            }
            Embedding embedding = SingleObject.decode(record.value(), Embedding.class);
            if (embedding.getOrigin() == EmbeddingOrigin.LEARNED) {
                learned.add(identity(
                        embedding.getId(),
                        embedding.getLabel(),
                        embedding.getEventTime().toEpochMilli()));
            }
        }
        for (ConsumerRecord<byte[], byte[]> record : rejected.poll(Duration.ofMillis(200))) {
            RejectedRecord rejection = SingleObject.decode(record.value(), RejectedRecord.class);
            assertThat(rejections.put(rejection.getOffset(), rejection.getReason()))
                    .as("earlier rejection of record %d", rejection.getOffset())
                    .isNull();
        }
    }

    /** Every record was rejected for its reason, or has its embedding or its tombstone: not one more, not one less. */
    private void requireAccounted(Poison poison) throws WireFormatException {
        List<String> expected = new ArrayList<>();
        List<String> orders = new ArrayList<>();
        Map<String, Integer> either = new TreeMap<>();
        for (int n = 0; n < RECORDS; n++) {
            Sent sent = poison.record(n);
            String reason = rejections.get((long) n);
            if (sent.mustBeLearned() || sent.mustBeForgotten()) {
                assertThat(reason)
                        .as("rejection of record %d, %s", n, sent.kind())
                        .isNull();
            } else if (sent.mustBeRejected()) {
                assertThat(reason)
                        .as("rejection of record %d, %s", n, sent.kind())
                        .isEqualTo(sent.fate());
            } else {
                either.merge(sent.kind() + ": " + (reason == null ? "learned" : reason), 1, Integer::sum);
            }
            if (sent.mustBeForgotten()) {
                orders.add(new String(sent.key(), StandardCharsets.UTF_8));
            } else if (reason == null) {
                LabelledImage image = SingleObject.decode(sent.value(), LabelledImage.class);
                expected.add(identity(
                        image.getId(), image.getLabel(), image.getEventTime().toEpochMilli()));
            }
        }
        System.out.println("Damaged records: " + either);
        assertThat(learned).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(forgotten).isNotEmpty().containsExactlyInAnyOrderElementsOf(orders);
        // Else the damage would get nowhere.
        assertThat(either.keySet()).anyMatch(fate -> fate.endsWith(": learned"));
        assertThat(either.keySet()).anyMatch(fate -> fate.endsWith(": corrupt-image"));
    }

    private static String identity(String id, String label, long eventMillis) {
        return id + "|" + label + "|" + eventMillis;
    }

    private long loggedRejections(long pid) throws IOException {
        try (Stream<String> lines =
                Files.lines(logs.resolve("taskmanager-" + pid + ".log"), StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.contains("Rejected the record at offset"))
                    .count();
        }
    }
}
