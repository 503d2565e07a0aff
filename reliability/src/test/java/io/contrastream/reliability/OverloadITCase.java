package io.contrastream.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.ImageEncoding;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.testing.Await;
import io.contrastream.testing.FlinkCluster;
import io.contrastream.testing.FlinkRest;
import io.contrastream.testing.KafkaProcess;
import io.contrastream.topics.Topic;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A stream that is slower than the flush interval, then one that is ten times as fast as the learner. */
final class OverloadITCase {

    private static final Duration OVERLOAD = Form.of(Duration.ofSeconds(25), Duration.ofMinutes(10));
    private static final String TASK_MANAGER = "loaded";
    private static final int SLOW_IMAGES = 4;
    /** Of so many images sent, one is learned at most: more are sent to a machine that learns faster than a tenth of the flow. */
    private static final int AHEAD = 10;

    private static final int IMAGES_PER_SECOND = 1500;
    /** Within which every checkpoint completes, however long the queue before the learner is. */
    private static final Duration CHECKPOINT_BOUND = Duration.ofSeconds(30);
    /** After the first quarter of the time; in the short form that is still the start of the engine and of the JVM. */
    private static final long MOST_GROWTH = Form.of(512L << 20, 96L << 20);
    /** Of conf/config.yaml. */
    private static final long PROCESS_BYTES = 4L << 30;

    private static final int LABELS = 10;
    /** Of a second. */
    private static final int HELD_BACK_MILLIS = 500;

    private static final List<byte[]> PNGS = IntStream.range(0, 100)
            .mapToObj(seed ->
                    OddImages.written(OddImages.image(new Random(seed), BufferedImage.TYPE_INT_RGB), "png", false))
            .toList();

    private final Path logs = Path.of("target/overload-logs").toAbsolutePath();

    @TempDir
    private Path folder;

    @Test
    @Timeout(1800)
    void holdsBackWhatItCannotLearnAndStaysInItsMemory() throws Exception {
        Files.createDirectories(logs);
        try (KafkaProcess kafka = new KafkaProcess(folder, logs, Map.of());
                FlinkCluster cluster = new FlinkCluster(logs, "dl4j", MemoryWatch.SETTING)) {
            cluster.startJobManager();
            cluster.startTaskManager(TASK_MANAGER);
            LearningRun run = LearningRun.create(
                    "overload",
                    kafka,
                    "overload",
                    1,
                    folder,
                    Map.of(
                            "image.height", "32",
                            "image.width", "32",
                            "encoder.width", "8",
                            "learner.batch-size", "10",
                            "learner.recall-size", "100",
                            "learner.replay.capacity", "2000",
                            "learner.flush-interval", "500 ms",
                            "job.checkpoint-interval", "2 s"));
            cluster.awaitReady();
            refusesALimitThatTheTaskManagerDoesNotHave(cluster, run);
            String job = cluster.submit(run.checkpoints(), run.arguments());
            try (Feed feed = new Feed(
                            kafka.bootstrapServers(), run.topic(Topic.LABELLED_IMAGES), OverloadITCase::image);
                    Embeddings embeddings = Embeddings.committed(kafka.bootstrapServers(), run)) {
                flushesWhenTheStreamIsSlow(feed, embeddings);
                overload(cluster, job, feed, embeddings);
            }
            assertThat(cluster.rest().restarts(job)).isZero();
            assertThat(cluster.rest().runs(job)).isTrue();
        }
    }

    private static LabelledImage image(int number) {
        return new LabelledImage(
                "image-" + number,
                "label-" + number % LABELS,
                ByteBuffer.wrap(PNGS.get(number % PNGS.size())),
                ImageEncoding.PNG,
                null,
                null,
                Instant.EPOCH,
                Map.of(),
                List.of());
    }

    private static void refusesALimitThatTheTaskManagerDoesNotHave(FlinkCluster cluster, LearningRun run)
            throws Exception {
        LearningRun greedy = run.with(Map.of("encoder.memory-limit", "5 gb", "job.name", "greedy"));
        String job = cluster.submit(run.checkpoints(), greedy.arguments());
        Await.until("the job has failed", () -> cluster.rest().status(job).equals("FAILED"));
        assertThat(cluster.rest().failure(job))
                .contains("encoder.memory-limit is 5.000gb", "raise its taskmanager.memory.process.size");
        assertThat(cluster.rest().restarts(job)).isZero();
    }

    /** Each image is learned alone, since none comes within the flush interval after it. */
    private static void flushesWhenTheStreamIsSlow(Feed feed, Embeddings embeddings) throws Exception {
        for (int i = 1; i <= SLOW_IMAGES; i++) {
            feed.send(1);
            feed.confirmed();
            embeddings.awaitLearned(i);
        }
        Set<Long> versions =
                embeddings.learned().map(Embedding::getEncoderVersion).collect(Collectors.toSet());
        assertThat(versions).hasSize(SLOW_IMAGES);
    }

    private static void overload(FlinkCluster cluster, String job, Feed feed, Embeddings embeddings) throws Exception {
        FlinkRest rest = cluster.rest();
        JsonNode before = rest.get("jobs/" + job + "/checkpoints").get("counts");
        int backpressured = 0;
        int looks = 0;
        feed.flow(IMAGES_PER_SECOND);
        Await.until("what feeds the learner is held back", () -> backpressureMillis(rest, job) > HELD_BACK_MILLIS);
        long start = System.nanoTime();
        try (MemoryWatch memory = new MemoryWatch(cluster, TASK_MANAGER)) {
            while (System.nanoTime() - start < OVERLOAD.toNanos()) {
                Thread.sleep(1000);
                long learned = embeddings.read().learned().count();
                feed.send((int) Math.max(0, AHEAD * learned - feed.sent()));
                looks++;
                backpressured += backpressureMillis(rest, job) > HELD_BACK_MILLIS ? 1 : 0;
            }
            long sent = feed.confirmed().size();
            long learned = embeddings.read().learned().count();
            JsonNode statistics = rest.get("jobs/" + job + "/checkpoints");
            long completed = statistics.at("/counts/completed").asLong()
                    - before.get("completed").asLong();
            long slowest = statistics.at("/summary/end_to_end_duration/max").asLong();
            System.out.printf(
                    "Overload: %d s, %d images sent, %d learned, backpressure in %d of %d looks; %d checkpoints, end to end"
                            + " in ms: median %s, 99%% %s, at most %d; %s%n",
                    OVERLOAD.toSeconds(),
                    sent,
                    learned,
                    backpressured,
                    looks,
                    completed,
                    statistics.at("/summary/end_to_end_duration/p50").asText(),
                    statistics.at("/summary/end_to_end_duration/p99").asText(),
                    slowest,
                    memory);
            assertThat(backpressured).as("looks with backpressure").isGreaterThan(Form.of(0, looks / 2));
            assertThat(statistics.at("/counts/failed").asLong())
                    .as("failed checkpoints")
                    .isEqualTo(before.get("failed").asLong());
            assertThat(completed).as("completed checkpoints").isGreaterThanOrEqualTo(3);
            assertThat(slowest).as("slowest checkpoint").isLessThan(CHECKPOINT_BOUND.toMillis());
            assertThat(memory.mostResidentBytes()).as("resident").isLessThan(PROCESS_BYTES);
            assertThat(memory.nativeGrowth())
                    .as("growth outside the heap: %s", memory)
                    .isLessThan(MOST_GROWTH);
        }
    }

    /** Of every second, how long what feeds the learner had to wait for it. */
    private static double backpressureMillis(FlinkRest rest, String job) throws Exception {
        String source = rest.get("jobs/" + job).at("/vertices/0/id").asText();
        JsonNode metrics = rest.get(
                "jobs/" + job + "/vertices/" + source + "/subtasks/metrics?get=backPressuredTimeMsPerSecond&agg=max");
        return metrics.at("/0/max").asDouble();
    }
}
