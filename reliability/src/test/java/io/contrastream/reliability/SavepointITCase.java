package io.contrastream.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.jobs.learning.LearningJob;
import io.contrastream.learning.learner.LearnerState;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.testing.Await;
import io.contrastream.testing.FlinkCluster;
import io.contrastream.testing.Folder;
import io.contrastream.testing.KafkaProcess;
import io.contrastream.topics.Topic;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Jobs that are stopped and go on otherwise, in one session cluster on the Torch engine whose TaskManagers have a slot each. */
@Timeout(1800)
final class SavepointITCase {

    private static final int BATCH = LearningRun.BATCH;
    private static final int RESUBMISSIONS = Form.of(6, 30);
    /** Until then, classes and buffers that come once may come. */
    private static final int WARM_UP = 4;
    /** The last job may still be held, with its main method's classes; five submissions may not. */
    private static final Footprint ALLOWANCE = new Footprint(4, 2, 35_000_000, 150_000_000);

    /** Difference that engines may have in one pass with the same weights. */
    private static final float ONE_PASS = 1e-4f;
    /** Share of one activation of one of the 2 (8 + 8) views in a step: 1 / 32 of the 0.23 by which a lost momentum moves. */
    private static final double ONE_STEP = 0.007;

    /** Flink's pools have a multiple of the cores as their size and start a thread for every task until then, which is no leak. */
    private static final String FEW_CORES = "-XX:ActiveProcessorCount=2 -XX:TieredStopAtLevel=1";

    private static final Path LOGS = Path.of("target/savepoint-logs").toAbsolutePath();

    @TempDir
    private static Path folder;

    private static KafkaProcess kafka;
    private static FlinkCluster cluster;
    private static String jar;

    @BeforeAll
    static void start() throws Exception {
        cluster = new FlinkCluster(
                LOGS,
                "torch",
                "taskmanager.numberOfTaskSlots=1",
                // Softly held classes would go only when metaspace is short.
                "env.java.opts.jobmanager=-XX:SoftRefLRUPolicyMSPerMB=0 " + FEW_CORES,
                "env.java.opts.taskmanager=-Djava.awt.headless=true " + FEW_CORES,
                // So small that a leak shows.
                "taskmanager.memory.process.size=1600m",
                "taskmanager.memory.task.off-heap.size=500m");
        cluster.startJobManager();
        cluster.startTaskManager("one");
        kafka = new KafkaProcess(folder, LOGS, Map.of());
        cluster.awaitReady();
        jar = cluster.rest().upload(Folder.JOB_JAR);
    }

    @AfterAll
    static void stop() {
        cluster.close();
        if (kafka != null) {
            kafka.close();
        }
    }

    @Test
    void aStoppedJobGoesOnWithOtherParallelismTaskManagersAndOptionsButNotAsAnotherNetwork() throws Exception {
        LearningRun run = LearningRun.create("rescaled", kafka, "rescaled-images", 2, folder, Map.of());
        try (Feed feed = new Feed(kafka.bootstrapServers(), "rescaled-images", Feed.synthetic());
                Embeddings embeddings = Embeddings.committed(kafka.bootstrapServers(), run)) {
            feed.send(5 * BATCH + 3);
            String narrow = stopAfter(run(run, ""), embeddings, 5 * BATCH);

            LearningRun changed = run.with(Map.of(
                    "job.parallelism", "2",
                    "optimizer.learning-rate", "0.005",
                    "learner.recall-size", "12",
                    "learner.replay.capacity", "100"));
            cluster.startTaskManager("two");
            cluster.awaitReady();
            feed.send(5 * BATCH);
            String wideJob = run(changed, narrow);
            Await.until(
                    "the job runs on both TaskManagers", () -> cluster.rest().runs(wideJob));
            assertThat(cluster.rest().parallelism(wideJob, "decode")).isEqualTo(2);
            String wide = stopAfter(wideJob, embeddings, 10 * BATCH);

            cluster.stopTaskManager("two");
            feed.send(5 * BATCH - 3);
            String narrowAgain =
                    stopAfter(run(changed.with(Map.of("job.parallelism", "1")), wide), embeddings, 15 * BATCH);
            LearnerState state = LearningJob.savedLearner(narrowAgain).state();
            assertThat(state.encoder().step()).isEqualTo(15);
            assertThat(state.progress().imagesSeen()).isEqualTo(15 * BATCH);
            assertThat(state.progress().replayCapacity()).isEqualTo(100);
            assertThat(embeddings.read().learned().map(Embedding::getId))
                    .containsExactlyInAnyOrderElementsOf(feed.confirmed());

            assertThatThrownBy(
                            () -> run(changed.with(Map.of("job.parallelism", "1", "encoder.width", "6")), narrowAgain))
                    .hasMessageContaining("the stored state of model 'encoder' cannot be restored with these options")
                    .hasMessageContaining("encoder.width is 4 in the state, but 6 in the options");
            assertThatThrownBy(() -> run(run, narrowAgain))
                    .hasMessageContaining("learner.replay.capacity is 100 in the state, but only 64 in the options");
        }
    }

    @Test
    void cancelledAndSubmittedAgainAndAgainItLeavesNothingBehindInTheCluster() throws Exception {
        LearningRun run = LearningRun.create("resubmitted", kafka, "resubmitted-images", 1, folder, Map.of());
        List<Footprint> taskManager = new ArrayList<>();
        List<Footprint> jobManager = new ArrayList<>();
        try (Feed feed = new Feed(kafka.bootstrapServers(), "resubmitted-images", Feed.synthetic());
                Embeddings embeddings = Embeddings.committed(kafka.bootstrapServers(), run)) {
            String checkpoint = "";
            for (int i = 1; i <= WARM_UP + RESUBMISSIONS; i++) {
                String job = run(run, checkpoint);
                feed.send(2 * BATCH);
                embeddings.awaitLearned(2 * BATCH * i);
                // Published at least once is not yet in a checkpoint, and an older one would be refused.
                run.awaitCheckpoint(2L * i);
                cluster.rest().cancel(job);
                checkpoint = run.newestCheckpoint();
                assertThat(cluster.rest().failure(job)).isEmpty();
                taskManager.add(Footprint.of(cluster.taskManager("one")));
                jobManager.add(Footprint.of(cluster.jobManager()));
            }
        }
        requireFlat("TaskManager", taskManager);
        requireFlat("JobManager", jobManager);
    }

    static List<SavepointFixture> fixtures() throws IOException {
        return SavepointFixture.all();
    }

    /**
     * The savepoint may come from another processor and from the other engine. What is computed with the restored weights before
     * the first step is the same but for rounding. The first step shows what else is restored: momentum, memory and what is chosen
     * from it. Later ones tell nothing more, and no bound holds for them: each carries a rounding further, over the kinks of
     * activations, to other vectors (weights that differ by 1e-6 of themselves have led to 5e-5 after one step and 0.04 after five).
     */
    @ParameterizedTest
    @MethodSource("fixtures")
    void aSavepointOfEveryVersionIsRestoredAndLearningGoesOnWithTheSameFigures(SavepointFixture fixture)
            throws Exception {
        LearningRun run = fixture.run(kafka, folder);
        run.createTopics(kafka, 1);
        List<Embedding> expected = fixture.embeddings();
        List<LabelledImage> images = fixture.images();
        // The topic is another one than that of the savepoint, which holds the unfinished mini-batch.
        int first = SavepointFixture.BEFORE + SavepointFixture.UNFINISHED;
        try (Feed feed = new Feed(
                        kafka.bootstrapServers(),
                        run.topic(Topic.LABELLED_IMAGES),
                        number -> images.get(first + number));
                Embeddings embeddings = Embeddings.committed(kafka.bootstrapServers(), run)) {
            feed.send(images.size() - first);
            List<String> arguments = new ArrayList<>(run.allArguments());
            arguments.add("--from-earliest");
            String job = cluster.rest().run(jar, fixture.savepoint().toUri().toString(), arguments);
            stopAfter(job, embeddings, SavepointFixture.AFTER);

            List<Embedding> learned = inOrder(embeddings);
            assertThat(expected).hasSize(SavepointFixture.AFTER);
            assertThat(learned)
                    .extracting(Embedding::getId, Embedding::getEncoderVersion)
                    .containsExactlyElementsOf(expected.stream()
                            .map(one -> tuple(one.getId(), one.getEncoderVersion()))
                            .toList());
            for (int i = 0; i < BATCH; i++) {
                requireSame(learned.get(i), expected.get(i));
            }
        }
    }

    /** Sends again the images that waited for a full mini-batch: they are not part of the learner. */
    @Test
    void aNewModelGoesOnFromTheWholeLearnerOfTheFirstSavepointWithTheSameFigures() throws Exception {
        SavepointFixture fixture = SavepointFixture.first();
        LearningRun run = fixture.run(kafka, folder)
                .with(Map.of(
                        "model.name",
                        "another",
                        "learner.initial-state",
                        fixture.savepoint().toUri().toString()));
        run.createTopics(kafka, 1);
        List<Embedding> expected = fixture.embeddings();
        List<LabelledImage> images = fixture.images();
        try (Feed feed = new Feed(
                        kafka.bootstrapServers(),
                        run.topic(Topic.LABELLED_IMAGES),
                        number -> images.get(SavepointFixture.BEFORE + number));
                Embeddings embeddings = Embeddings.committed(kafka.bootstrapServers(), run)) {
            feed.send(SavepointFixture.AFTER);
            String savepoint = stopAfter(run(run, ""), embeddings, SavepointFixture.AFTER);

            List<Embedding> learned = inOrder(embeddings);
            assertThat(learned)
                    .extracting(Embedding::getId, Embedding::getEncoderVersion)
                    .containsExactlyElementsOf(expected.stream()
                            .map(one -> tuple(one.getId(), one.getEncoderVersion()))
                            .toList());
            for (int i = 0; i < BATCH; i++) {
                requireSame(learned.get(i), expected.get(i));
            }
            LearnerState state = LearningJob.savedLearner(savepoint).state();
            assertThat(state.progress().imagesSeen()).isEqualTo(SavepointFixture.BEFORE + SavepointFixture.AFTER);
        }
    }

    private static void requireSame(Embedding learned, Embedding expected) {
        String id = expected.getId();
        assertThat(learned.getNearestLabel()).as("prediction for %s", id).isEqualTo(expected.getNearestLabel());
        assertThat(learned.getNearestSimilarity())
                .as("similarity of %s to its nearest prototype", id)
                .isCloseTo(expected.getNearestSimilarity(), within(ONE_PASS));
        assertThat(learned.getVector())
                .as("vector of %s after a step", id)
                .usingElementComparator((x, y) -> Math.abs(x - y) < ONE_STEP ? 0 : Float.compare(x, y))
                .isEqualTo(expected.getVector());
    }

    /** Not a test: how a fixture comes about, as {@code savepoints/README.md} says. */
    @Test
    @EnabledIfSystemProperty(named = "contrastream.fixture.write", matches = "true")
    void writesTheFixtureOfThisVersion() throws Exception {
        SavepointFixture fixture = SavepointFixture.ofThisVersion();
        LearningRun run = LearningRun.create(
                "fixture-" + fixture, kafka, "fixture-" + fixture + "-images", 1, folder, Map.of("encoder.width", "2"));
        fixture.writeOptions(run);
        List<LabelledImage> images = IntStream.range(0, SavepointFixture.BEFORE + SavepointFixture.AFTER)
                .mapToObj(SavepointFixture::newImage)
                .toList();
        fixture.writeImages(images);
        try (Feed feed = new Feed(kafka.bootstrapServers(), run.topic(Topic.LABELLED_IMAGES), images::get);
                Embeddings embeddings = Embeddings.committed(kafka.bootstrapServers(), run)) {
            feed.send(SavepointFixture.BEFORE + SavepointFixture.UNFINISHED);
            String savepoint = stopAfter(run(run, ""), embeddings, SavepointFixture.BEFORE);
            Files.createDirectories(fixture.savepoint());
            try (Stream<Path> files = Files.list(Path.of(URI.create(savepoint)))) {
                for (Path file : files.toList()) {
                    Files.copy(file, fixture.savepoint().resolve(file.getFileName()));
                }
            }
            feed.send(SavepointFixture.AFTER - SavepointFixture.UNFINISHED);
            stopAfter(run(run, savepoint), embeddings, SavepointFixture.BEFORE + SavepointFixture.AFTER);
            fixture.writeEmbeddings(
                    inOrder(embeddings).stream().skip(SavepointFixture.BEFORE).toList());
        }
    }

    /** As {@code flink run} does, in the JobManager. */
    private static String run(LearningRun run, String savepoint) throws Exception {
        return cluster.rest().run(jar, savepoint, run.allArguments());
    }

    /** Stops a job with a savepoint when so many images have been learned. */
    private static String stopAfter(String job, Embeddings embeddings, int images) throws Exception {
        embeddings.awaitLearned(images);
        return cluster.rest().stopWithSavepoint(job, folder.resolve("savepoints"));
    }

    private static List<Embedding> inOrder(Embeddings embeddings) {
        return embeddings
                .learned()
                .sorted(Comparator.comparing(Embedding::getEventTime))
                .toList();
    }

    private static void requireFlat(String process, List<Footprint> footprints) {
        Footprint before = footprints.get(WARM_UP - 1);
        Footprint after = footprints.get(footprints.size() - 1);
        System.out.printf(
                "Resubmitted %d times, %s: at first %s; at last %s.%n", RESUBMISSIONS, process, before, after);
        Footprint growth = after.minus(before);
        assertThat(growth.threads()).as("threads, %s", footprints).isLessThanOrEqualTo(ALLOWANCE.threads());
        assertThat(growth.userClassLoaders())
                .as("class loaders, %s", footprints)
                .isLessThanOrEqualTo(ALLOWANCE.userClassLoaders());
        assertThat(growth.metaspaceBytes())
                .as("metaspace, %s", footprints)
                .isLessThanOrEqualTo(ALLOWANCE.metaspaceBytes());
        assertThat(growth.residentBytes())
                .as("resident memory, %s", footprints)
                .isLessThanOrEqualTo(ALLOWANCE.residentBytes());
    }
}
