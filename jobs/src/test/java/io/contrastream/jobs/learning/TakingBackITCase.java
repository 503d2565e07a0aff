package io.contrastream.jobs.learning;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.learning.encoder.ReferenceEngine;
import io.contrastream.operators.LearnerMetrics;
import io.contrastream.operators.decode.ExampleDecoder;
import io.contrastream.operators.decode.Rejection;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.testing.ColouredImages;
import io.contrastream.testing.TestKafka;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.test.junit5.InjectMiniCluster;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Images that are taken back from a job that loses a machine, is stopped and goes on; on a real broker. */
class TakingBackITCase {

    private static final InMemoryReporter METRICS = InMemoryReporter.create();

    @RegisterExtension
    static final MiniClusterExtension CLUSTER = TestJobs.cluster(METRICS);

    @AutoClose
    private static final TestKafka KAFKA = TestKafka.start();

    @TempDir
    Path folder;

    /** A tombstone and a new label, before and after a lost TaskManager, a savepoint and a restore; the last checkpoint is long ago. */
    @Test
    void whatIsTakenBackStaysSoThroughALostTaskManagerAndARestore(@InjectMiniCluster MiniCluster cluster)
            throws Exception {
        Map<Topic, String> topics = KAFKA.createTopics("taken-back");
        JobOptions options =
                options(topics, Map.of("kafka.group-id", "taken-back", "job.checkpoint-interval", "14 min"));
        String images = topics.get(Topic.LABELLED_IMAGES);
        LabelledImage mistyped = ColouredImages.image(5);
        mistyped.setLabel("dgo");
        String savepoint;
        try (RunningJob job = RunningJob.start(options, ReferenceEngine::new, METRICS, null)) {
            KAFKA.send(images, List.of(mistyped));
            KAFKA.send(images, ColouredImages.range(0, 19));
            job.awaitMetric(LearnerMetrics.IMAGES_SEEN, 20);
            job.awaitMetric(LearnerMetrics.IMAGES_MOVED, 1);
            for (int forgotten : new int[] {3, 18}) {
                KAFKA.send(tombstone(images, ColouredImages.id(forgotten)));
            }
            job.awaitMetric(LearnerMetrics.IMAGES_FORGOTTEN, 2);
            cluster.terminateTaskManager(0).get();
            cluster.startTaskManager();
            KAFKA.send(images, ColouredImages.range(20, 33));
            KAFKA.send(tombstone(images, ColouredImages.id(32)));
            job.awaitMetric(LearnerMetrics.IMAGES_SEEN, 32);
            job.awaitMetric(LearnerMetrics.IMAGES_FORGOTTEN, 3);
            savepoint = job.stopWithSavepoint(folder);
        }
        assertForgotten(options, savepoint, 3, 18, 32);

        int other = IntStream.range(0, 32)
                .filter(number -> number != 3 && number != 18 && isIn(options, savepoint, number))
                .findFirst()
                .orElseThrow();
        try (RunningJob job = RunningJob.start(options, ReferenceEngine::new, METRICS, savepoint)) {
            KAFKA.send(tombstone(images, ColouredImages.id(3)));
            KAFKA.send(tombstone(images, ColouredImages.id(other)));
            KAFKA.send(images, ColouredImages.range(33, 41));
            job.awaitMetric(LearnerMetrics.IMAGES_SEEN, 40);
            job.awaitMetric(LearnerMetrics.IMAGES_FORGOTTEN, 4);
            assertForgotten(options, job.stopWithSavepoint(folder), 3, 18, 32, other);
        }
        Map<String, byte[]> embeddings = newest(topics.get(Topic.EMBEDDINGS));
        for (int forgotten : new int[] {3, 18, 32, other}) {
            assertThat(embeddings).containsEntry(ColouredImages.id(forgotten), null);
        }
        assertThat(embeddings.values()).filteredOn(Objects::isNull).hasSize(4);
        assertThat(newest(topics.get(Topic.PROTOTYPES))).containsEntry("dgo", null);
    }

    private static ProducerRecord<byte[], byte[]> tombstone(String topic, String id) {
        return new ProducerRecord<>(topic, id.getBytes(StandardCharsets.UTF_8), null);
    }

    /** No eight bytes in a row of the images are in the savepoint, and images are. */
    private static void assertForgotten(JobOptions options, String savepoint, int... numbers) {
        String bytes = bytes(savepoint);
        for (int number : numbers) {
            byte[] pixels = pixels(options, number);
            for (int from = 0; from + 8 <= pixels.length; from += 8) {
                assertThat(bytes.contains(new String(pixels, from, 8, StandardCharsets.ISO_8859_1)))
                        .as("pixels of image %d from %d on", number, from)
                        .isFalse();
            }
        }
        assertThat(IntStream.range(0, 33)
                        .filter(number -> isIn(options, savepoint, number))
                        .count())
                .isGreaterThan(10);
    }

    private static boolean isIn(JobOptions options, String savepoint, int number) {
        return bytes(savepoint).contains(new String(pixels(options, number), StandardCharsets.ISO_8859_1));
    }

    private static byte[] pixels(JobOptions options, int number) {
        try {
            return new ExampleDecoder(options.decode())
                    .decode(ColouredImages.image(number))
                    .pixels();
        } catch (Rejection e) {
            throw new AssertionError(e);
        }
    }

    private static String bytes(String savepoint) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try (Stream<Path> files = Files.walk(Path.of(URI.create(savepoint)))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                all.write(Files.readAllBytes(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all.toString(StandardCharsets.ISO_8859_1);
    }

    /** The newest value of every key, null where that is a tombstone. */
    private static Map<String, byte[]> newest(String topic) {
        Map<String, byte[]> newest = new HashMap<>();
        try (TopicReader reader = new TopicReader(KAFKA.bootstrapServers(), Map.of(), List.of(topic), true)) {
            Map<TopicPartition, Long> ends = reader.ends();
            while (!reader.reached(ends)) {
                reader.poll(Duration.ofMillis(100))
                        .forEach(
                                record -> newest.put(new String(record.key(), StandardCharsets.UTF_8), record.value()));
            }
        }
        return newest;
    }

    private JobOptions options(Map<Topic, String> topics, Map<String, String> more) {
        return TestJobs.options(KAFKA.bootstrapServers(), topics, folder.resolve("checkpoints"), more);
    }
}
