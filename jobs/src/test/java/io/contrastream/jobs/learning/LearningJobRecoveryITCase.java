package io.contrastream.jobs.learning;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.ReferenceEngine;
import io.contrastream.learning.learner.ClassProgress;
import io.contrastream.learning.learner.LearnerState;
import io.contrastream.learning.learner.StateFormat;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Tensor;
import io.contrastream.operators.LearnerMetrics;
import io.contrastream.operators.learn.EngineSource;
import io.contrastream.operators.learn.state.SavedLearner;
import io.contrastream.releases.weights.EncoderWeights;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.testing.ColouredImages;
import io.contrastream.testing.ReadTopic;
import io.contrastream.testing.TestKafka;
import io.contrastream.topics.Topic;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.test.junit5.InjectMiniCluster;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The job's promises when it is stopped, cancelled or loses a machine; on a real broker. */
class LearningJobRecoveryITCase {

    private static final InMemoryReporter METRICS = InMemoryReporter.create();

    @RegisterExtension
    static final MiniClusterExtension CLUSTER = TestJobs.cluster(METRICS);

    @AutoClose
    private static final TestKafka KAFKA = TestKafka.start();

    @TempDir
    Path folder;

    /** With the engine that is shipped and an optimiser that remembers. 33 images are eight mini-batches of four and one image of the ninth; 62 are fifteen and two. */
    @Test
    void endsWithTheSameWeightsWhetherOrNotItWasStoppedInTheMiddleOfAMiniBatch() throws Exception {
        Map<Topic, String> stoppedTopics = KAFKA.createTopics("stopped");
        Map<Topic, String> straightTopics = KAFKA.createTopics("straight");
        straightTopics.put(Topic.LABELLED_IMAGES, stoppedTopics.get(Topic.LABELLED_IMAGES));
        JobOptions stopped = options(
                stoppedTopics, Map.of("job.name", "stopped", "kafka.group-id", "stopped", "optimizer.momentum", "0.9"));
        JobOptions straight = options(
                straightTopics,
                Map.of("job.name", "straight", "kafka.group-id", "straight", "optimizer.momentum", "0.9"));

        KAFKA.send(stoppedTopics.get(Topic.LABELLED_IMAGES), ColouredImages.range(0, 33));
        String inMidStream;
        try (RunningJob job = RunningJob.start(stopped, EngineSource.CLASS_PATH, METRICS, null)) {
            job.awaitMetric(LearnerMetrics.IMAGES_SEEN, 32);
            job.awaitMetric(LearnerMetrics.UNFINISHED_IMAGES, 1);
            inMidStream = job.stopWithSavepoint(folder);
        }
        KAFKA.send(stoppedTopics.get(Topic.LABELLED_IMAGES), ColouredImages.range(33, 62));
        LearnerState restored = runToEnd(stopped, inMidStream);
        LearnerState uninterrupted = runToEnd(straight, null);

        assertThat(restored.encoder().step()).isEqualTo(15);
        assertThat(weights(restored)).isNotEmpty().isEqualTo(weights(uninterrupted));
        assertThat(restored.encoder().optimizerSlots()).isNotEmpty();
        assertThat(bytes(restored)).as("every byte of the state").isEqualTo(bytes(uninterrupted));
        assertThat(weights(restored))
                .isNotEqualTo(weights(LearningJob.savedLearner(inMidStream).state()));
        assertThat(vectors(stoppedTopics)).hasSizeGreaterThan(60).isEqualTo(vectors(straightTopics));
    }

    /** With the engine that is shipped: 64 images, of which 13 have no label, 13 two and 5 three. */
    @Test
    void imagesWithAnyNumberOfLabelsGoOnToTheBitAfterALostTaskManager(@InjectMiniCluster MiniCluster cluster)
            throws Exception {
        Map<Topic, String> lostTopics = KAFKA.createTopics("lost");
        Map<Topic, String> keptTopics = KAFKA.createTopics("kept");
        keptTopics.put(Topic.LABELLED_IMAGES, lostTopics.get(Topic.LABELLED_IMAGES));
        List<LabelledImage> images = IntStream.range(0, 64)
                .mapToObj(LearningJobRecoveryITCase::mixed)
                .toList();
        Map<String, String> mixed = new HashMap<>(
                Map.of("learner.unlabelled", "views", "learner.several-labels", "learn", "optimizer.momentum", "0.9"));

        mixed.putAll(Map.of("job.name", "lost", "kafka.group-id", "lost"));
        String lost;
        try (RunningJob job = RunningJob.start(options(lostTopics, mixed), EngineSource.CLASS_PATH, METRICS, null)) {
            KAFKA.send(lostTopics.get(Topic.LABELLED_IMAGES), images.subList(0, 30));
            job.awaitMetric(LearnerMetrics.UNFINISHED_IMAGES, 2);
            cluster.terminateTaskManager(0).get();
            cluster.startTaskManager();
            KAFKA.send(lostTopics.get(Topic.LABELLED_IMAGES), images.subList(30, 64));
            job.awaitMetric(LearnerMetrics.IMAGES_SEEN, 51);
            assertThat(job.metric("numRestarts")).isPositive();
            lost = job.stopWithSavepoint(folder);
        }
        mixed.putAll(Map.of("job.name", "kept", "kafka.group-id", "kept"));
        String kept;
        try (RunningJob job = RunningJob.start(options(keptTopics, mixed), EngineSource.CLASS_PATH, METRICS, null)) {
            job.awaitMetric(LearnerMetrics.IMAGES_SEEN, 51);
            kept = job.stopWithSavepoint(folder);
        }

        LearnerState state = LearningJob.savedLearner(lost).state();
        assertThat(state.encoder().step()).isEqualTo(16);
        assertThat(state.progress().classStatistics())
                .extracting(ClassProgress::label)
                .contains("warm", "round");
        assertThat(bytes(state))
                .as("every byte of the state")
                .isEqualTo(bytes(LearningJob.savedLearner(kept).state()));
    }

    private static LabelledImage mixed(int number) {
        LabelledImage image = ColouredImages.image(number);
        if (number % 5 == 2) {
            image.setLabel("");
        } else if (number % 3 == 0) {
            image.setFurtherLabels(number % 4 == 0 ? List.of("warm", "round") : List.of("warm"));
        }
        return image;
    }

    /** 33 images are eight mini-batches of four and one image of the ninth; 62 are fifteen and two. */
    @Test
    void severalLearnersGoOnToTheBitAndInAnyNumber() throws Exception {
        Map<Topic, String> stoppedTopics = KAFKA.createTopics("replicas");
        Map<Topic, String> straightTopics = KAFKA.createTopics("straight-replicas");
        straightTopics.put(Topic.LABELLED_IMAGES, stoppedTopics.get(Topic.LABELLED_IMAGES));
        Map<String, String> more = new HashMap<>(Map.of(
                "job.name",
                "replicas",
                "kafka.group-id",
                "replicas",
                "learner.parallelism",
                "2",
                "optimizer.momentum",
                "0.9"));
        JobOptions stopped = options(stoppedTopics, more);
        more.put("learner.parallelism", "1");
        JobOptions one = options(stoppedTopics, more);
        more.put("learner.parallelism", "3");
        JobOptions three = options(stoppedTopics, more);
        JobOptions straight = options(
                straightTopics,
                Map.of(
                        "job.name", "straight-replicas",
                        "kafka.group-id", "straight-replicas",
                        "learner.parallelism", "2",
                        "optimizer.momentum", "0.9"));

        KAFKA.send(stoppedTopics.get(Topic.LABELLED_IMAGES), ColouredImages.range(0, 33));
        String inMidStream = run(stopped, null, 32, 1);
        KAFKA.send(stoppedTopics.get(Topic.LABELLED_IMAGES), ColouredImages.range(33, 62));
        String end = run(stopped, inMidStream, 60, 2);
        String uninterrupted = run(straight, null, 60, 2);

        assertThat(bytes(LearningJob.savedLearner(end).state()))
                .as("every byte of the state")
                .isEqualTo(bytes(LearningJob.savedLearner(uninterrupted).state()));

        KAFKA.send(stoppedTopics.get(Topic.LABELLED_IMAGES), ColouredImages.range(62, 66));
        String ofOne = run(one, end, 64, 2);
        KAFKA.send(stoppedTopics.get(Topic.LABELLED_IMAGES), ColouredImages.range(66, 70));
        String ofThree = run(three, ofOne, 68, 2);
        assertThat(LearningJob.savedLearner(ofThree).state().encoder().step()).isEqualTo(17);
    }

    private String run(JobOptions options, String restoreFrom, int learned, int unfinished) throws Exception {
        try (RunningJob job = RunningJob.start(options, ReplicatedEngine::new, METRICS, restoreFrom)) {
            job.awaitMetric(LearnerMetrics.IMAGES_SEEN, learned);
            job.awaitMetric(LearnerMetrics.UNFINISHED_IMAGES, unfinished);
            return job.stopWithSavepoint(folder);
        }
    }

    /** With the engine that is shipped, and steps so small that they change nothing but running statistics. */
    @Test
    void startsFromGivenWeightsAndWhatItEndsWithCanBeTakenOutOfItsSavepoint() throws Exception {
        Map<Topic, String> topics = KAFKA.createTopics("weights");
        Path initial = folder.resolve("initial.safetensors");
        JobOptions options = options(
                topics,
                Map.of(
                        "encoder.initial-weights", initial.toString(),
                        "optimizer.learning-rate", "1e-30",
                        // An average of equal numbers is equal but for rounding.
                        "learner.averaging-decay", "0"));
        EncoderSpec spec = options.learn().encoder();
        List<Tensor> given = spec.network().initialParameters(99);
        try (OutputStream out = Files.newOutputStream(initial)) {
            EncoderWeights.write("given", new EncoderState(spec.fingerprint(), 7, given, List.of()), out);
        }

        KAFKA.send(topics.get(Topic.LABELLED_IMAGES), ColouredImages.range(0, 8));
        String savepoint;
        try (RunningJob job = RunningJob.start(options, EngineSource.CLASS_PATH, METRICS, null)) {
            job.awaitMetric(LearnerMetrics.IMAGES_SEEN, 8);
            savepoint = job.stopWithSavepoint(folder);
        }
        Path exported = folder.resolve("exported.safetensors");
        SavedLearner saved = LearningJob.savedLearner(savepoint);
        assertThat(saved.model()).isEqualTo("encoder");
        assertThat(saved.state().encoder().step()).isEqualTo(2);
        assertThat(saved.state().encoder().fingerprint()).isEqualTo(spec.fingerprint());
        try (OutputStream out = Files.newOutputStream(exported)) {
            EncoderWeights.write(saved.model(), saved.state().encoder(), out);
        }

        List<Tensor> learned = read(exported, spec);
        for (int i = 0; i < given.size(); i++) {
            String name = given.get(i).name();
            assertThat(learned.get(i).name()).isEqualTo(name);
            if (name.contains(".running_")) {
                assertThat(learned.get(i)).as(name).isNotEqualTo(given.get(i));
            } else {
                assertThat(learned.get(i).values())
                        .as(name)
                        .usingComparatorWithPrecision(1e-12f)
                        .containsExactly(given.get(i).values());
            }
        }

        Files.delete(initial);
        KAFKA.send(topics.get(Topic.LABELLED_IMAGES), ColouredImages.range(8, 12));
        try (RunningJob job = RunningJob.start(options, EngineSource.CLASS_PATH, METRICS, savepoint)) {
            job.awaitMetric(LearnerMetrics.IMAGES_SEEN, 12);
        }
    }

    private static List<Tensor> read(Path file, EncoderSpec spec) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return EncoderWeights.read(in, Files.size(file), file.toString(), spec, 1)
                    .parameters();
        }
    }

    @Test
    void publishesEveryEmbeddingExactlyOnceThroughALostTaskManagerACancellationAndAResumption(
            @InjectMiniCluster MiniCluster cluster) throws Exception {
        Map<Topic, String> topics = KAFKA.createTopics("exactly-once");
        Path checkpoints = folder.resolve("checkpoints");
        JobOptions options = options(
                topics,
                Map.of(
                        "job.name", "exactly-once",
                        "kafka.group-id", "exactly-once",
                        "kafka.delivery-guarantee", "exactly-once",
                        "kafka.transaction-timeout", "2 min",
                        "job.checkpoint-directory", checkpoints.toUri().toString()));
        String images = topics.get(Topic.LABELLED_IMAGES);

        try (ReadTopic<Embedding> embeddings = KAFKA.read(topics.get(Topic.EMBEDDINGS), Embedding.class)) {
            try (RunningJob job = RunningJob.start(options, ReferenceEngine::new, METRICS, null)) {
                KAFKA.send(images, ColouredImages.range(0, 40));
                embeddings.until("the first image", read -> read.size() >= 1);
                KAFKA.send(images, ColouredImages.range(40, 80));
                cluster.terminateTaskManager(0).get();
                cluster.startTaskManager();
                embeddings.until("80 learned images", read -> TestJobs.learned(read) >= 80);
                KAFKA.send(images, ColouredImages.range(80, 120));
                job.awaitMetric(LearnerMetrics.IMAGES_SEEN, 120);
                job.cancel();
            }
            try (RunningJob job =
                    RunningJob.start(options, ReferenceEngine::new, METRICS, newestCheckpoint(checkpoints))) {
                KAFKA.send(images, ColouredImages.range(120, 160));
                List<ReadTopic.Received<Embedding>> all =
                        embeddings.until("160 learned images", read -> TestJobs.learned(read) >= 160);

                assertThat(all.stream()
                                .map(ReadTopic.Received::value)
                                .filter(TestJobs::isLearned)
                                .map(Embedding::getId))
                        .containsExactlyElementsOf(IntStream.range(0, 160)
                                .mapToObj(ColouredImages::id)
                                .toList());
                assertThat(job.status()).isEqualTo(JobStatus.RUNNING);
            }
        }
    }

    /** The gap in which a failure would cost records: written before a snapshot, and not yet committed after it. */
    @Test
    void commitsWhenResumedWhatWasWrittenBeforeASnapshotAndNotCommittedAfterIt() throws Exception {
        Map<Topic, String> topics = KAFKA.createTopics("gap");
        JobOptions options = options(
                topics,
                Map.of(
                        "job.name", "gap",
                        "kafka.group-id", "gap",
                        "kafka.delivery-guarantee", "exactly-once",
                        "kafka.transaction-timeout", "15 min",
                        "job.checkpoint-interval", "14 min"));
        KAFKA.send(topics.get(Topic.LABELLED_IMAGES), ColouredImages.range(0, 40));

        try (ReadTopic<Embedding> embeddings = KAFKA.read(topics.get(Topic.EMBEDDINGS), Embedding.class)) {
            String snapshot;
            try (RunningJob job = RunningJob.start(options, ReferenceEngine::new, METRICS, null)) {
                job.awaitMetric(LearnerMetrics.IMAGES_SEEN, 40);
                snapshot = job.savepoint(folder);
            }
            assertThat(embeddings.soFar()).isEmpty();

            try (RunningJob job = RunningJob.start(options, ReferenceEngine::new, METRICS, snapshot)) {
                assertThat(embeddings.until("40 learned images", read -> TestJobs.learned(read) >= 40).stream()
                                .map(ReadTopic.Received::value)
                                .filter(TestJobs::isLearned)
                                .map(Embedding::getId))
                        .containsExactlyElementsOf(IntStream.range(0, 40)
                                .mapToObj(ColouredImages::id)
                                .toList());
                assertThat(job.status()).isEqualTo(JobStatus.RUNNING);
            }
        }
    }

    private LearnerState runToEnd(JobOptions options, String restoreFrom) throws Exception {
        try (RunningJob job = RunningJob.start(options, EngineSource.CLASS_PATH, METRICS, restoreFrom)) {
            job.awaitMetric(LearnerMetrics.IMAGES_SEEN, 60);
            job.awaitMetric(LearnerMetrics.UNFINISHED_IMAGES, 2);
            return LearningJob.savedLearner(job.stopWithSavepoint(folder)).state();
        }
    }

    private static byte[] bytes(LearnerState state) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        StateFormat.write(state, new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    /** Equal if all bits are. */
    private static List<Tensor> weights(LearnerState state) {
        return state.encoder().parameters();
    }

    /** Identity and vector of everything published, learned and refreshed, in its order. */
    private static List<String> vectors(Map<Topic, String> topics) throws Exception {
        try (ReadTopic<Embedding> reader = KAFKA.read(topics.get(Topic.EMBEDDINGS), Embedding.class)) {
            return reader.until("60 learned images", read -> TestJobs.learned(read) >= 60).stream()
                    .map(ReadTopic.Received::value)
                    .map(embedding -> embedding.getId()
                            + embedding.getOrigin()
                            + embedding.getEncoderVersion()
                            + embedding.getVector())
                    .toList();
        }
    }

    private static String newestCheckpoint(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.getFileName().toString().equals("_metadata"))
                    .map(Path::getParent)
                    .max(Comparator.comparingInt(checkpoint ->
                            Integer.parseInt(checkpoint.getFileName().toString().replace("chk-", ""))))
                    .orElseThrow(() -> new AssertionError("no checkpoint in " + folder))
                    .toUri()
                    .toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JobOptions options(Map<Topic, String> topics, Map<String, String> more) {
        return TestJobs.options(KAFKA.bootstrapServers(), topics, folder.resolve("checkpoints"), more);
    }
}
