package io.contrastream.jobs.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.jobs.learning.state.StartRefusedException;
import io.contrastream.learning.encoder.ReferenceEngine;
import io.contrastream.operators.LearnerMetrics;
import io.contrastream.operators.decode.OffsetsRead;
import io.contrastream.operators.learn.EngineSource;
import io.contrastream.schemas.Embedding;
import io.contrastream.testing.Await;
import io.contrastream.testing.ColouredImages;
import io.contrastream.testing.ReadTopic;
import io.contrastream.testing.TestKafka;
import io.contrastream.topics.Topic;
import io.contrastream.topics.Topics;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** How far a job has read, as Kafka and the job itself tell; and what is learned a second time if neither does. On a real broker. */
class ReadOffsetsITCase {

    private static final InMemoryReporter METRICS = InMemoryReporter.create();

    @RegisterExtension
    static final MiniClusterExtension CLUSTER = TestJobs.cluster(METRICS);

    @AutoClose
    private static final TestKafka KAFKA = TestKafka.start();

    @TempDir
    Path folder;

    /** Of nine images, eight are learned and one is in the unfinished mini-batch; no checkpoint has committed that they are read. */
    @Test
    void tellsHowFarItHasReadThoughNoCheckpointHasCommittedIt() throws Exception {
        Map<Topic, String> topics = KAFKA.createTopics("waiting");
        JobOptions options = options(
                topics, Map.of("job.name", "waiting", "kafka.group-id", "waiting", "job.checkpoint-interval", "1 d"));
        KAFKA.send(topics.get(Topic.LABELLED_IMAGES), ColouredImages.range(0, 9));
        try (RunningJob job = RunningJob.start(options, EngineSource.CLASS_PATH, METRICS, null);
                Topics admin = new Topics(KAFKA.bootstrapServers(), Map.of())) {
            job.awaitMetric(LearnerMetrics.IMAGES_SEEN, 8);
            Await.until(
                    "the offset behind the ninth is told",
                    () -> OffsetsRead.of(job.accumulators()).values().stream()
                                    .mapToLong(Long::longValue)
                                    .sum()
                            == 9);
            assertThat(admin.position(topics.get(Topic.LABELLED_IMAGES), "waiting")
                            .committed())
                    .isEmpty();
        }
    }

    /**
     * Though there is no checkpoint, the savepoint lies elsewhere, and nobody but Flink has had a hand in it: a start must be able to
     * see what it would lose.
     */
    @Test
    void hasCommittedWhatASavepointHoldsWhenItIsStoppedWithIt() throws Exception {
        Map<Topic, String> topics = KAFKA.createTopics("stopped-elsewhere");
        JobOptions options = options(
                topics,
                Map.of(
                        "job.name", "stopped-elsewhere",
                        "kafka.group-id", "stopped-elsewhere",
                        "job.checkpoint-interval", "14 min"));
        String images = topics.get(Topic.LABELLED_IMAGES);
        KAFKA.send(images, ColouredImages.range(0, 10));
        String savepoint;
        try (RunningJob job = RunningJob.start(options, ReferenceEngine::new, METRICS, null)) {
            job.awaitMetric(LearnerMetrics.IMAGES_SEEN, 8);
            job.awaitMetric(LearnerMetrics.UNFINISHED_IMAGES, 2);
            savepoint = job.stopWithSavepoint(folder.resolve("elsewhere"));
        }
        try (Topics cluster = new Topics(KAFKA.bootstrapServers(), Map.of())) {
            assertThat(cluster.position(images, "stopped-elsewhere").committed())
                    .isEqualTo(Map.of(0, 10L));
        }
        assertThatThrownBy(() -> RunningJob.start(options, ReferenceEngine::new, METRICS, null))
                .isInstanceOf(StartRefusedException.class)
                .hasMessageContaining(
                        "the consumer group 'stopped-elsewhere' has " + images + "-0 read up to offset 10");
        RunningJob.start(options, ReferenceEngine::new, METRICS, savepoint).close();
    }

    /** The case that {@code docs/reliability.md} says cannot be known: a state that nobody knows of and of which Kafka says nothing either. */
    @Test
    void learnsAgainWhatASavepointElsewhereHasMoreIfTheGroupsOffsetsAreDeleted() throws Exception {
        Map<Topic, String> topics = KAFKA.createTopics("group-deleted");
        JobOptions options = longAgo(topics, "group-deleted", Map.of());
        leave(options, topics, 8, 8, 0);
        KAFKA.send(topics.get(Topic.LABELLED_IMAGES), ColouredImages.range(8, 12));
        try (RunningJob job = RunningJob.start(options, ReferenceEngine::new, METRICS, null)) {
            job.awaitMetric(LearnerMetrics.IMAGES_SEEN, 12);
            job.stopWithSavepoint(folder.resolve("elsewhere"));
        }
        assertThatThrownBy(() -> RunningJob.start(options, ReferenceEngine::new, METRICS, null))
                .isInstanceOf(StartRefusedException.class)
                .hasMessageContaining("read up to offset 12");
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", KAFKA.bootstrapServers()))) {
            admin.deleteConsumerGroups(List.of("group-deleted")).all().get();
        }
        requireLearnedAgain(options, topics, 12, 8, 9, 10, 11);
    }

    @Test
    void learnsAgainAMiniBatchThatTheFlushIntervalAloneHasClosedBeforeASavepointElsewhere() throws Exception {
        Map<Topic, String> topics = KAFKA.createTopics("flushed");
        leave(longAgo(topics, "flushed", Map.of()), topics, 10, 8, 2);
        JobOptions flushing = longAgo(topics, "flushed", Map.of("learner.flush-interval", "200 ms"));
        try (RunningJob job = RunningJob.start(flushing, ReferenceEngine::new, METRICS, null)) {
            job.awaitMetric(LearnerMetrics.IMAGES_SEEN, 10);
            job.stopWithSavepoint(folder.resolve("elsewhere"));
        }
        requireLearnedAgain(flushing, topics, 10, 8, 9);
    }

    @Test
    void learnsAgainWhatASavepointHasMoreThatTheJobHasSurvivedIfItIsKilledThen() throws Exception {
        Map<Topic, String> topics = KAFKA.createTopics("survived");
        JobOptions options = longAgo(topics, "survived", Map.of());
        leave(options, topics, 8, 8, 0);
        KAFKA.send(topics.get(Topic.LABELLED_IMAGES), ColouredImages.range(8, 12));
        try (RunningJob job = RunningJob.start(options, ReferenceEngine::new, METRICS, null)) {
            job.awaitMetric(LearnerMetrics.IMAGES_SEEN, 12);
            job.savepoint(folder.resolve("elsewhere"));
            job.cancel();
        }
        requireLearnedAgain(options, topics, 12, 8, 9, 10, 11);
    }

    /** At-least-once, without checkpoints. */
    private JobOptions longAgo(Map<Topic, String> topics, String name, Map<String, String> more) {
        Map<String, String> all = new HashMap<>(more);
        all.putAll(Map.of("job.name", name, "kafka.group-id", name, "job.checkpoint-interval", "14 min"));
        return options(topics, all);
    }

    /** Sends so many images and leaves a savepoint where the next start looks for it. */
    private void leave(JobOptions options, Map<Topic, String> topics, int images, int learned, int unfinished)
            throws Exception {
        KAFKA.send(topics.get(Topic.LABELLED_IMAGES), ColouredImages.range(0, images));
        try (RunningJob job = RunningJob.start(options, ReferenceEngine::new, METRICS, null)) {
            job.awaitMetric(LearnerMetrics.IMAGES_SEEN, learned);
            job.awaitMetric(LearnerMetrics.UNFINISHED_IMAGES, unfinished);
            job.stopWithSavepoint(folder.resolve("checkpoints"));
        }
    }

    /** Starts the job without an instruction, which learns all that are there and those given a second time. */
    private void requireLearnedAgain(JobOptions options, Map<Topic, String> topics, int all, int... again)
            throws Exception {
        List<String> expected = IntStream.concat(IntStream.range(0, all), IntStream.of(again))
                .mapToObj(ColouredImages::id)
                .toList();
        try (RunningJob job = RunningJob.start(options, ReferenceEngine::new, METRICS, null);
                ReadTopic<Embedding> reader = KAFKA.read(topics.get(Topic.EMBEDDINGS), Embedding.class)) {
            job.awaitMetric(LearnerMetrics.IMAGES_SEEN, all);
            // While the job runs: what it has not sent when it is cancelled is never sent.
            assertThat(
                            reader
                                    .until("every image is learned", read -> TestJobs.learned(read) >= expected.size())
                                    .stream()
                                    .map(ReadTopic.Received::value)
                                    .filter(TestJobs::isLearned)
                                    .map(Embedding::getId))
                    .containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    private JobOptions options(Map<Topic, String> topics, Map<String, String> more) {
        return TestJobs.options(KAFKA.bootstrapServers(), topics, folder.resolve("checkpoints"), more);
    }
}
