package io.contrastream.jobs.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.contrastream.jobs.learning.state.StartRefusedException;
import io.contrastream.learning.encoder.ReferenceEngine;
import io.contrastream.operators.join.JoinMetrics;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.schemas.ImageLabel;
import io.contrastream.schemas.ImageQuery;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.RejectedRecord;
import io.contrastream.schemas.SingleObject;
import io.contrastream.testing.Await;
import io.contrastream.testing.ColouredImages;
import io.contrastream.testing.ReadTopic;
import io.contrastream.testing.TestKafka;
import io.contrastream.topics.Topic;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.test.junit5.InjectMiniCluster;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Images and labels in topics of their own, on a real broker. */
class LateLabelsITCase {

    private static final InMemoryReporter METRICS = InMemoryReporter.create();

    /** Labels that all images have beside their own. */
    private static final List<String> FURTHER = List.of("coloured");

    @RegisterExtension
    static final MiniClusterExtension CLUSTER = TestJobs.cluster(METRICS);

    @AutoClose
    private static final TestKafka KAFKA = TestKafka.start();

    @TempDir
    Path folder;

    /** The time of the first image: long enough ago that the stream can become older than the time to live. */
    private final Instant start = Instant.now().minus(Duration.ofMinutes(30));

    /** 40 images and labels are ten mini-batches of four; a correction and three more images are the eleventh. */
    @Test
    void everyImageIsLearnedOnceThroughALostTaskManagerAndAnotherParallelism(@InjectMiniCluster MiniCluster cluster)
            throws Exception {
        Map<Topic, String> topics = KAFKA.createTopics("late");
        Map<String, String> more = new HashMap<>(Map.of(
                "job.name", "late",
                "kafka.group-id", "late",
                "kafka.topic.images", topics.get(Topic.IMAGES),
                "kafka.topic.labels", topics.get(Topic.LABELS),
                "kafka.delivery-guarantee", "exactly-once",
                "kafka.transaction-timeout", "2 min",
                "learner.several-labels", "learn",
                "late-labels.time-to-live", "10 min",
                "late-labels.idleness", "500 ms"));
        JobOptions options = TestJobs.options(KAFKA.bootstrapServers(), topics, folder, more);
        more.put("job.parallelism", "2");
        JobOptions wider = TestJobs.options(KAFKA.bootstrapServers(), topics, folder, more);

        try (ReadTopic<Embedding> embeddings = KAFKA.read(topics.get(Topic.EMBEDDINGS), Embedding.class)) {
            sendImages(topics, 0, 40, 0);
            String savepoint;
            try (RunningJob job = RunningJob.start(options, ReferenceEngine::new, METRICS, null)) {
                job.awaitMetric(JoinMetrics.WAITING_IMAGES, 40);
                sendLabels(topics, 0, 10, 1);
                embeddings.until("the first labelled images", read -> learned(read) >= 8);
                cluster.terminateTaskManager(0).get();
                cluster.startTaskManager();
                sendLabels(topics, 10, 20, 1);
                embeddings.until("20 labelled images", read -> learned(read) >= 20);
                job.awaitMetric(JoinMetrics.WAITING_IMAGES, 20);
                savepoint = job.stopWithSavepoint(folder);
            }
            // One label comes while nothing runs; one has no image, and of one image there is none.
            sendLabels(topics, 20, 40, 2);
            sendLabels(topics, 77, 78, 2);
            sendImages(topics, 90, 91, 2);
            send(
                    topics.get(Topic.LABELS),
                    3,
                    new ImageLabel(ColouredImages.id(5), "corrected", start, Map.of(), List.of("mended")));
            try (RunningJob job = RunningJob.start(wider, ReferenceEngine::new, METRICS, savepoint)) {
                embeddings.until("40 labelled images", read -> learned(read) >= 40);
                job.awaitMetric(JoinMetrics.WAITING_IMAGES, 1);
                job.awaitMetric(JoinMetrics.WAITING_LABELS, 1);
                // Time passes.
                sendImages(topics, 41, 44, 29);
                sendLabels(topics, 41, 44, 29);
                List<RejectedRecord> rejected;
                try (ReadTopic<RejectedRecord> topic =
                        KAFKA.read(topics.get(Topic.REJECTED_IMAGES), RejectedRecord.class)) {
                    rejected = topic.until("two records", read -> read.size() >= 2).stream()
                            .map(ReadTopic.Received::value)
                            .toList();
                }
                List<Embedding> all = embeddings.until("the last mini-batch", read -> learned(read) >= 44).stream()
                        .map(ReadTopic.Received::value)
                        .filter(LateLabelsITCase::isLearned)
                        .toList();

                assertThat(rejected)
                        .extracting(RejectedRecord::getReason, RejectedRecord::getTopic)
                        .containsExactlyInAnyOrder(
                                tuple("image-without-label", topics.get(Topic.IMAGES)),
                                tuple("label-without-image", topics.get(Topic.LABELS)));
                assertThat(rejected)
                        .allSatisfy(record ->
                                assertThat(record.getMessage()).containsPattern("in 10 min; it is 2[67] min.* old"));
                assertThat(all)
                        .filteredOn(embedding -> !embedding.getLabel().equals("corrected"))
                        .extracting(Embedding::getId, Embedding::getLabel)
                        .containsExactlyInAnyOrderElementsOf(
                                IntStream.concat(IntStream.range(0, 40), IntStream.range(41, 44))
                                        .mapToObj(ColouredImages::image)
                                        .map(image -> tuple(image.getId(), image.getLabel()))
                                        .toList());
                assertThat(all)
                        .filteredOn(embedding -> embedding.getLabel().equals("corrected"))
                        .extracting(Embedding::getId, Embedding::getFurtherLabels)
                        .containsExactly(tuple(ColouredImages.id(5), List.of("mended")));
                assertThat(all)
                        .filteredOn(embedding -> !embedding.getLabel().equals("corrected"))
                        .allSatisfy(embedding ->
                                assertThat(embedding.getFurtherLabels()).isEqualTo(FURTHER));
                assertThat(job.status()).isEqualTo(JobStatus.RUNNING);
            }
            makeAnew(topics.get(Topic.LABELS));
            assertThatThrownBy(() -> RunningJob.start(wider, ReferenceEngine::new, METRICS, savepoint))
                    .isInstanceOf(StartRefusedException.class)
                    .hasMessageContaining("the topic 'late-labels' has been made anew: its id is ")
                    .hasMessageContaining(
                            "partition 0 of the topic 'late-labels' has been read up to offset 20, but ends at offset 0")
                    .hasMessageEndingWith("read both topics from their earliest records: --from-earliest");
        }
    }

    private static void makeAnew(String topic) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", KAFKA.bootstrapServers()))) {
            admin.deleteTopics(List.of(topic)).all().get();
            Await.until(
                    "the topic is gone", () -> !admin.listTopics().names().get().contains(topic));
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
            // The broker learns of it later than the controller.
            Await.until(
                    "the topic is there again",
                    () -> admin.listTopics().names().get().contains(topic));
        }
    }

    private void sendImages(Map<Topic, String> topics, int from, int to, int minute) throws Exception {
        for (LabelledImage image : ColouredImages.range(from, to)) {
            send(
                    topics.get(Topic.IMAGES),
                    minute,
                    new ImageQuery(
                            image.getId(),
                            image.getImage(),
                            image.getEncoding(),
                            null,
                            null,
                            image.getEventTime(),
                            Map.of()));
        }
    }

    private void sendLabels(Map<Topic, String> topics, int from, int to, int minute) throws Exception {
        for (LabelledImage image : ColouredImages.range(from, to)) {
            send(
                    topics.get(Topic.LABELS),
                    minute,
                    new ImageLabel(image.getId(), image.getLabel(), image.getEventTime(), Map.of(), FURTHER));
        }
    }

    private <T extends SpecificRecord> void send(String topic, int minute, T record) throws Exception {
        String id = record.get(0).toString();
        KAFKA.send(new ProducerRecord<>(
                topic,
                null,
                start.plus(Duration.ofMinutes(minute)).toEpochMilli(),
                id.getBytes(StandardCharsets.UTF_8),
                SingleObject.encode(record)));
    }

    private static long learned(List<Embedding> embeddings) {
        return embeddings.stream().filter(LateLabelsITCase::isLearned).count();
    }

    private static boolean isLearned(Embedding embedding) {
        return embedding.getOrigin() == EmbeddingOrigin.LEARNED;
    }
}
