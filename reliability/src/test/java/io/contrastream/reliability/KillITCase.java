package io.contrastream.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.jobs.learning.LearningJob;
import io.contrastream.learning.learner.LearnerState;
import io.contrastream.learning.learner.StateFormat;
import io.contrastream.releases.folder.Manifest;
import io.contrastream.releases.folder.Manifest.StoredFile;
import io.contrastream.releases.folder.Release;
import io.contrastream.releases.folder.ReleaseDirectory;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.SingleObject;
import io.contrastream.testing.FlinkCluster;
import io.contrastream.testing.KafkaProcess;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicReader;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two jobs learn from the same images, one with each delivery guarantee, while processes under them are killed at random moments.
 * Some images are taken back, and some come again with another label. In the end, what they have published and what they have learned is
 * held against a third job, to which nothing has happened. The topic of images has one partition and no mini-batch is closed by time, so
 * all three must come to the same.
 */
@Timeout(3600)
final class KillITCase {

    private static final String IMAGES = "images";
    private static final long SEED = Long.getLong("contrastream.reliability.seed", 1);
    private static final int KILLS_OF_EACH = Integer.getInteger("contrastream.reliability.kills", Form.of(1, 4));
    private static final int IMAGES_PER_SECOND = Form.of(8, 32);
    /** So few that a release is under way at about every second kill. */
    private static final int STEPS_BETWEEN_RELEASES = 3;

    /** Most time from when all is well again to the next kill: several checkpoints. */
    private static final Duration LONGEST_QUIET = Duration.ofSeconds(4);

    /** A kind of process that is killed. */
    private enum Victim {
        TASK_MANAGER,
        JOB_MANAGER,
        BROKER
    }

    private record Kill(Victim victim, LearningRun run, Instant at) {}

    private final Path logs = Path.of("target/kill-logs").toAbsolutePath();
    private final Random random = new Random(SEED);
    private final Instant begin = Instant.now();
    private final List<Kill> kills = new ArrayList<>();
    /** Those that are not stopped, with the ids of their jobs. */
    private final Map<LearningRun, String> running = new LinkedHashMap<>();

    @TempDir
    private Path folder;

    private KafkaProcess kafka;
    private FlinkCluster cluster;
    private int taskManagers;

    @BeforeEach
    void start() throws Exception {
        LoggedErrors.forget(logs);
        cluster = new FlinkCluster(logs, "dl4j", "heartbeat.interval=1s");
        cluster.startJobManager();
        startTaskManager();
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

    @Test
    void nothingIsLostOrDoubledOrLearnedDifferentlyWhateverIsKilled() throws Exception {
        LearningRun exactlyOnce = run("exact", "exactly-once");
        LearningRun atLeastOnce = run("repeating", "at-least-once");
        LearningRun undisturbed = run("undisturbed", "at-least-once");
        List<String> ids;
        List<String> forgotten;
        List<String> relabelled;
        try (Feed feed = new Feed(kafka.bootstrapServers(), IMAGES, Feed.synthetic(), true)) {
            feed.flow(IMAGES_PER_SECOND);
            submit(List.of(exactlyOnce, atLeastOnce));
            // The spare comes when both learners have been placed, so they are on the other.
            startTaskManager();
            killAll(exactlyOnce, atLeastOnce);
            ids = feed.finish(LearningRun.BATCH);
            forgotten = feed.forgotten();
            relabelled = feed.relabelled();
        }
        LearnerState exactly = finish(exactlyOnce, ids.size());
        LearnerState atLeast = finish(atLeastOnce, ids.size());
        submit(List.of(undisturbed));
        LearnerState reference = finish(undisturbed, ids.size());

        assertThat(reference.encoder().step()).isEqualTo(ids.size() / LearningRun.BATCH);
        assertThat(bytes(exactly)).as("every bit of the exactly-once learner").isEqualTo(bytes(reference));
        assertThat(bytes(atLeast)).as("every bit of the at-least-once learner").isEqualTo(bytes(reference));

        SortedMap<Integer, List<Embedding>> once = published(exactlyOnce);
        SortedMap<Integer, List<Embedding>> again = published(atLeastOnce);
        SortedMap<Integer, List<Embedding>> expected = published(undisturbed);
        assertThat(expected).hasSize(LearningRun.PARTITIONS);
        assertThat(learnedIds(once)).containsExactlyInAnyOrderElementsOf(ids);
        once.values()
                .forEach(partition -> assertThat(partition)
                        .filteredOn(embedding -> !Embeddings.isTombstone(embedding))
                        .extracting(Embedding::getEncoderVersion)
                        .isSorted());
        assertThat(texts(once)).isEqualTo(texts(expected));
        assertThat(new HashSet<>(learnedIds(again))).isEqualTo(new HashSet<>(ids));
        expected.keySet()
                .forEach(partition -> assertThat(distinct(texts(again).get(partition)))
                        .as("at least once, partition %s", partition)
                        .isEqualTo(distinct(texts(expected).get(partition))));
        requireTakenBack(once, forgotten, relabelled);
        requireTakenBack(again, forgotten, relabelled);
        requireToldWhyAndWhatIsTried();
        requireReleases(exactlyOnce, atLeastOnce, undisturbed);
        report(exactlyOnce, atLeastOnce, ids.size(), learnedIds(again).size() - ids.size());
    }

    /** The last that is said of a forgotten image is its tombstone, and of one that has come again its new label. */
    private static void requireTakenBack(
            SortedMap<Integer, List<Embedding>> published, List<String> forgotten, List<String> relabelled) {
        Map<String, Embedding> last = new HashMap<>();
        published.values().forEach(partition -> partition.forEach(one -> last.put(one.getId(), one)));
        assertThat(forgotten)
                .hasSizeGreaterThan(5)
                .allSatisfy(id -> assertThat(Embeddings.isTombstone(last.get(id)))
                        .as("forgotten %s", id)
                        .isTrue());
        assertThat(last.values().stream().filter(Embeddings::isTombstone)).hasSameSizeAs(forgotten);
        assertThat(relabelled)
                .hasSizeGreaterThan(5)
                .allSatisfy(id -> assertThat(last.get(id).getLabel())
                        .as("label of %s", id)
                        .isEqualTo(Feed.OTHER_LABEL));
    }

    private void requireToldWhyAndWhatIsTried() throws IOException {
        assertThat(logged("jobmanager"))
                .containsPattern(
                        "The job (exact|repeating) failed: .+\\. Starting it again from its newest checkpoint");
        assertThat(logged("taskmanager"))
                .containsPattern(
                        "restored at version [\\d,]+ with [\\d,]+ images learned from checkpoint \\d+ \\(restart \\d+\\)");
    }

    /** By all processes of a kind that this test has started. */
    private String logged(String process) throws IOException {
        StringBuilder all = new StringBuilder();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(logs, process + "-*.log")) {
            for (Path file : files) {
                if (Files.getLastModifiedTime(file).toInstant().isAfter(begin)) {
                    all.append(Files.readString(file));
                }
            }
        }
        return all.toString();
    }

    private LearningRun run(String name, String guarantee) {
        return LearningRun.create(
                name,
                kafka,
                IMAGES,
                1,
                folder,
                Map.of(
                        "kafka.delivery-guarantee",
                        guarantee,
                        "release.directory",
                        releases(name).toString(),
                        "release.every-steps",
                        Integer.toString(STEPS_BETWEEN_RELEASES),
                        "release.max-accuracy-loss",
                        "1"));
    }

    private Path releases(String name) {
        return folder.resolve("releases").resolve(name);
    }

    /**
     * Every release that is announced is whole, has the weights of the undisturbed job at its version, and is announced once by the
     * exactly-once job. What is not announced is no release, unless a job has stopped before it could announce it.
     */
    private void requireReleases(LearningRun exactlyOnce, LearningRun atLeastOnce, LearningRun undisturbed)
            throws Exception {
        List<EncoderRelease> once = announced(exactlyOnce);
        assertThat(once).hasSizeGreaterThanOrEqualTo(kills.size());
        assertThat(once)
                .extracting(EncoderRelease::getEncoderVersion)
                .doesNotHaveDuplicates()
                .isSorted();
        for (LearningRun run : List.of(exactlyOnce, atLeastOnce)) {
            List<EncoderRelease> distinct = announced(run).stream().distinct().toList();
            assertThat(distinct).extracting(EncoderRelease::getEncoderVersion).doesNotHaveDuplicates();
            for (EncoderRelease announced : distinct) {
                Release release = Release.open(announced.getUri(), announced.getSha256());
                release.verify();
                assertThat(weights(release.manifest()))
                        .as("weights of %s", announced)
                        .isEqualTo(weights(new ReleaseDirectory(
                                        releases(undisturbed.name()).toString())
                                .find("encoder", announced.getEncoderVersion())
                                .orElseThrow()
                                .manifest()));
            }
            List<Long> whole = new ReleaseDirectory(releases(run.name()).toString())
                    .releases("encoder").stream()
                            .map(release -> release.manifest().version())
                            .toList();
            assertThat(whole)
                    .startsWith(distinct.stream()
                            .map(EncoderRelease::getEncoderVersion)
                            .toArray(Long[]::new));
        }
    }

    private static StoredFile weights(Manifest manifest) {
        return manifest.files().get(Release.WEIGHTS);
    }

    private List<EncoderRelease> announced(LearningRun run) throws Exception {
        List<EncoderRelease> releases = new ArrayList<>();
        try (TopicReader reader =
                new TopicReader(kafka.bootstrapServers(), Map.of(), List.of(run.topic(Topic.ENCODER_RELEASES)), true)) {
            Map<TopicPartition, Long> ends = reader.ends();
            while (!reader.reached(ends)) {
                for (ConsumerRecord<byte[], byte[]> record : reader.poll(Duration.ofMillis(100))) {
                    releases.add(SingleObject.decode(record.value(), EncoderRelease.class));
                }
            }
        }
        return releases;
    }

    private void startTaskManager() throws IOException {
        cluster.startTaskManager("worker-" + taskManagers++);
    }

    /** All at once, as it takes each a while. */
    private void submit(Collection<LearningRun> runs) {
        Map<LearningRun, CompletableFuture<String>> submissions = new LinkedHashMap<>();
        runs.forEach(run -> submissions.put(run, CompletableFuture.supplyAsync(() -> {
            try {
                return cluster.submit(run.checkpoints(), run.arguments());
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        })));
        submissions.forEach((run, job) -> running.put(run, job.join()));
    }

    private void killAll(LearningRun exactlyOnce, LearningRun atLeastOnce) throws Exception {
        List<Victim> victims = new ArrayList<>();
        for (Victim victim : Victim.values()) {
            victims.addAll(Collections.nCopies(KILLS_OF_EACH, victim));
        }
        Collections.shuffle(victims, random);
        try (Embeddings one = Embeddings.written(kafka.bootstrapServers(), exactlyOnce);
                Embeddings other = Embeddings.written(kafka.bootstrapServers(), atLeastOnce)) {
            Instant since = Instant.now();
            for (Victim victim : victims) {
                one.awaitStepAfter(since);
                other.awaitStepAfter(since);
                cluster.awaitReady();
                Thread.sleep(random.nextLong(LONGEST_QUIET.toMillis()));
                since = kill(victim, random.nextBoolean() ? exactlyOnce : atLeastOnce);
            }
            one.awaitStepAfter(since);
            other.awaitStepAfter(since);
        }
    }

    /** Returns the time after which a step is one of those that have come back. */
    private Instant kill(Victim victim, LearningRun run) throws Exception {
        kills.add(new Kill(victim, run, Instant.now()));
        switch (victim) {
            case TASK_MANAGER -> {
                cluster.killTaskManager(cluster.rest().taskManagerOf(running.get(run), "learn"));
                Instant killed = Instant.now();
                startTaskManager();
                return killed;
            }
            case JOB_MANAGER -> {
                cluster.killJobManager();
                cluster.startJobManager();
                cluster.awaitReady();
                submit(List.copyOf(running.keySet()));
            }
            case BROKER -> {
                kafka.kill();
                kafka.start();
            }
        }
        return Instant.now();
    }

    /** Waits until the images are learned, and stops the job. */
    private LearnerState finish(LearningRun run, int images) throws Exception {
        try (Embeddings embeddings = Embeddings.committed(kafka.bootstrapServers(), run)) {
            embeddings.awaitVersion(images / LearningRun.BATCH);
        }
        String savepoint = cluster.rest().stopWithSavepoint(running.remove(run), folder.resolve("savepoints"));
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

    private static List<String> learnedIds(SortedMap<Integer, List<Embedding>> partitions) {
        return partitions.values().stream()
                .flatMap(List::stream)
                .filter(Embeddings::isLearned)
                .map(Embedding::getId)
                .toList();
    }

    private static SortedMap<Integer, List<String>> texts(SortedMap<Integer, List<Embedding>> partitions) {
        SortedMap<Integer, List<String>> texts = new TreeMap<>();
        partitions.forEach((partition, embeddings) ->
                texts.put(partition, embeddings.stream().map(Embeddings::text).toList()));
        return texts;
    }

    private static Set<String> distinct(List<String> texts) {
        return new HashSet<>(texts);
    }

    private void report(LearningRun exactlyOnce, LearningRun atLeastOnce, int images, int relearned) throws Exception {
        try (Embeddings one = Embeddings.written(kafka.bootstrapServers(), exactlyOnce);
                Embeddings other = Embeddings.written(kafka.bootstrapServers(), atLeastOnce)) {
            Map<LearningRun, Pauses> pauses =
                    Map.of(exactlyOnce, new Pauses(one.read()), atLeastOnce, new Pauses(other.read()));
            Map<Victim, List<Duration>> recoveries = new EnumMap<>(Victim.class);
            for (int i = 0; i < kills.size(); i++) {
                Kill kill = kills.get(i);
                Instant next = i + 1 < kills.size() ? kills.get(i + 1).at() : Instant.MAX;
                recoveries
                        .computeIfAbsent(kill.victim(), victim -> new ArrayList<>())
                        .add(pauses.get(kill.run()).recovery(kill.at(), next));
            }
            System.out.printf(
                    "Killed %d times (seed %d): %d images, exactly once: 0 lost, 0 doubled; at least once: 0 lost, %d"
                            + " published again; same bits of both learners as undisturbed.%n",
                    kills.size(), SEED, images, relearned);
            recoveries.forEach((victim, times) -> System.out.printf(
                    "Killed %s %d times; from there to the next training step: %s.%n",
                    victim, times.size(), Pauses.text(times)));
        }
    }
}
