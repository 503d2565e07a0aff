package io.contrastream.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.jobs.learning.LearningJob;
import io.contrastream.learning.learner.LearnerState;
import io.contrastream.learning.learner.StateFormat;
import io.contrastream.schemas.Embedding;
import io.contrastream.testing.FlinkCluster;
import io.contrastream.testing.KafkaProcess;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two learners on two TaskManagers, of which now the one and now the other is killed, and one is stopped without ending. What is published
 * and learned is that of two learners to which nothing has happened.
 */
@Timeout(1800)
final class ReplicasITCase {

    private static final String IMAGES = "images";
    private static final long SEED = Long.getLong("contrastream.reliability.seed", 1);
    private static final int KILLS = Integer.getInteger("contrastream.reliability.kills", Form.of(2, 6));
    private static final int IMAGES_PER_SECOND = 8;
    private static final Duration LONGEST_QUIET = Duration.ofSeconds(3);
    private static final Duration REPLICA_TIMEOUT = Duration.ofSeconds(15);

    private final Path logs = Path.of("target/replicas-logs").toAbsolutePath();
    private final Random random = new Random(SEED);

    @TempDir
    private Path folder;

    private KafkaProcess kafka;
    private FlinkCluster cluster;
    private int taskManagers;

    @BeforeEach
    void start() throws Exception {
        LoggedErrors.forget(logs);
        cluster = new FlinkCluster(
                logs,
                "torch",
                "heartbeat.interval=1s",
                // So that it is the learners who find that one hangs.
                "heartbeat.timeout=60s",
                "taskmanager.numberOfTaskSlots=1");
        cluster.startJobManager();
        for (int i = 0; i < 3; i++) { // one is a spare
            startTaskManager();
        }
        kafka = new KafkaProcess(folder, logs, Map.of());
        cluster.awaitReady();
    }

    @AfterEach
    void stop() throws IOException {
        cluster.close();
        if (kafka != null) {
            kafka.close();
        }
        assertThat(LoggedErrors.unexplained(logs)).isEmpty();
    }

    private void startTaskManager() throws IOException {
        cluster.startTaskManager("worker-" + taskManagers++);
    }

    private LearningRun run(String name) {
        return LearningRun.create(
                name,
                kafka,
                IMAGES,
                1,
                folder,
                Map.of(
                        "kafka.delivery-guarantee",
                        "exactly-once",
                        "learner.parallelism",
                        "2",
                        "learner.replica-timeout",
                        REPLICA_TIMEOUT.toSeconds() + " s"));
    }

    @Test
    void nothingIsLostOrDoubledOrLearnedDifferentlyWhicheverLearnerIsLost() throws Exception {
        LearningRun disturbed = run("disturbed");
        LearningRun undisturbed = run("undisturbed");
        List<String> ids;
        String job;
        try (Feed feed = new Feed(kafka.bootstrapServers(), IMAGES, Feed.synthetic())) {
            feed.flow(IMAGES_PER_SECOND);
            job = cluster.submit(disturbed.checkpoints(), disturbed.arguments());
            try (Embeddings embeddings = Embeddings.written(kafka.bootstrapServers(), disturbed)) {
                Instant since = Instant.now();
                for (int kill = 0; kill < KILLS; kill++) {
                    quiet(embeddings, since);
                    since = kill(job, kill % 2 == 0 ? "replicas" : "learn");
                }
                quiet(embeddings, since);
                since = hang(disturbed, job);
                embeddings.awaitStepAfter(since);
            }
            ids = feed.finish(LearningRun.BATCH);
        }
        LearnerState state = finish(disturbed, job, ids.size());
        LearnerState reference =
                finish(undisturbed, cluster.submit(undisturbed.checkpoints(), undisturbed.arguments()), ids.size());

        assertThat(reference.encoder().step()).isEqualTo(ids.size() / LearningRun.BATCH);
        assertThat(bytes(state)).as("every bit of the learner").isEqualTo(bytes(reference));
        SortedMap<Integer, List<Embedding>> published = published(disturbed);
        assertThat(published.values().stream()
                        .flatMap(List::stream)
                        .filter(Embeddings::isLearned)
                        .map(Embedding::getId))
                .containsExactlyInAnyOrderElementsOf(ids);
        assertThat(texts(published)).isEqualTo(texts(published(undisturbed)));
        assertThat(logged()).contains("replica 1 of 2 has not answered within " + REPLICA_TIMEOUT.toMillis() + " ms");
        System.out.printf(
                "Killed a learner %d times and stopped one (seed %d): %d images, 0 lost, 0 doubled; same bits as"
                        + " undisturbed.%n",
                KILLS, SEED, ids.size());
    }

    private void quiet(Embeddings embeddings, Instant since) throws Exception {
        embeddings.awaitStepAfter(since);
        cluster.awaitReady();
        Thread.sleep(random.nextLong(LONGEST_QUIET.toMillis()));
    }

    private Instant kill(String job, String task) throws Exception {
        cluster.killTaskManager(cluster.rest().taskManagerOf(job, task));
        Instant killed = Instant.now();
        startTaskManager();
        return killed;
    }

    /** Stops the second learner without ending it, until another one has taken its place; the time when it was stopped. */
    private Instant hang(LearningRun run, String job) throws Exception {
        String name = cluster.rest().taskManagerOf(job, "replicas");
        Process stop = new ProcessBuilder(
                        "kill", "-STOP", Long.toString(cluster.taskManager(name).pid()))
                .start();
        assertThat(stop.waitFor()).isZero();
        Instant stopped = Instant.now();
        try (Embeddings embeddings = Embeddings.written(kafka.bootstrapServers(), run)) {
            embeddings.awaitStepAfter(stopped.plus(REPLICA_TIMEOUT));
        } finally {
            cluster.killTaskManager(name);
        }
        return Instant.now();
    }

    private LearnerState finish(LearningRun run, String job, int images) throws Exception {
        try (Embeddings embeddings = Embeddings.committed(kafka.bootstrapServers(), run)) {
            embeddings.awaitVersion(images / LearningRun.BATCH);
        }
        String savepoint = cluster.rest().stopWithSavepoint(job, folder.resolve("savepoints"));
        return LearningJob.savedLearner(savepoint).state();
    }

    private static byte[] bytes(LearnerState state) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        StateFormat.write(state, new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    private SortedMap<Integer, List<Embedding>> published(LearningRun run) throws Exception {
        try (Embeddings embeddings = Embeddings.committed(kafka.bootstrapServers(), run)) {
            return embeddings.read().partitions();
        }
    }

    private static SortedMap<Integer, List<String>> texts(SortedMap<Integer, List<Embedding>> partitions) {
        SortedMap<Integer, List<String>> texts = new TreeMap<>();
        partitions.forEach((partition, embeddings) ->
                texts.put(partition, embeddings.stream().map(Embeddings::text).toList()));
        return texts;
    }

    private String logged() throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.list(logs)) {
            for (Path file :
                    files.filter(file -> file.toString().endsWith(".log")).toList()) {
                all.append(Files.readString(file));
            }
        }
        return all.toString();
    }
}
