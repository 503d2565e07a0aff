package io.contrastream.jobs.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.jobs.kafka.KafkaCheck;
import io.contrastream.jobs.option.InvalidOptionsException;
import io.contrastream.learning.encoder.ReferenceEngine;
import io.contrastream.operators.LearnerMetrics;
import io.contrastream.operators.decode.DecodeMetrics;
import io.contrastream.operators.learn.EngineSource;
import io.contrastream.releases.folder.Release;
import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.LearningReport;
import io.contrastream.schemas.RejectedRecord;
import io.contrastream.testing.ColouredImages;
import io.contrastream.testing.JavaText;
import io.contrastream.testing.ReadTopic;
import io.contrastream.testing.ReadTopic.Received;
import io.contrastream.testing.TestKafka;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The job from topic to topics, on a real broker. */
class LearningJobITCase {

    private static final InMemoryReporter METRICS = InMemoryReporter.create();

    @RegisterExtension
    static final MiniClusterExtension CLUSTER = TestJobs.cluster(METRICS);

    @AutoClose
    private static final TestKafka KAFKA = TestKafka.start();

    @TempDir
    Path folder;

    /** With the engine that is shipped. 98 images are 24 mini-batches of four, and two images that time sets free. */
    @Test
    void learnsFromEveryImageAndPublishesWhatItLearned() throws Exception {
        int images = 98;
        Map<Topic, String> topics = KAFKA.createTopics("learns");
        JobOptions options = options(
                topics,
                Map.of(
                        "learner.flush-interval",
                        "3 s",
                        "learner.accuracy-window",
                        "40",
                        "release.directory",
                        folder.resolve("releases").toString(),
                        "release.every-steps",
                        "10"));
        KAFKA.send(topics.get(Topic.LABELLED_IMAGES), ColouredImages.range(0, images));

        List<Received<Embedding>> embeddings;
        List<Received<ClassPrototype>> prototypes;
        List<Received<LearningReport>> reports;
        List<Received<EncoderRelease>> releases;
        try (RunningJob job = RunningJob.start(options, EngineSource.CLASS_PATH, METRICS, null)) {
            embeddings =
                    read(topics.get(Topic.EMBEDDINGS), Embedding.class, "all images", read -> learned(read) >= images);
            reports = read(
                    topics.get(Topic.LEARNING_REPORTS),
                    LearningReport.class,
                    "a report of all images",
                    read -> !read.isEmpty() && last(read).getImagesSeen() == images);
            prototypes = read(
                    topics.get(Topic.PROTOTYPES),
                    ClassPrototype.class,
                    "prototypes of all classes",
                    read -> read.stream()
                                    .map(ClassPrototype::getLabel)
                                    .distinct()
                                    .count()
                            == ColouredImages.CLASSES);
            releases = read(
                    topics.get(Topic.ENCODER_RELEASES), EncoderRelease.class, "two releases", read -> read.size() >= 2);
            assertThat(job.metric(LearnerMetrics.IMAGES_SEEN)).isEqualTo(images);
        }

        assertThat(embeddings.stream()
                        .map(Received::value)
                        .filter(embedding -> embedding.getOrigin() == EmbeddingOrigin.LEARNED)
                        .map(Embedding::getId))
                .containsExactlyElementsOf(
                        IntStream.range(0, images).mapToObj(ColouredImages::id).toList());
        assertThat(embeddings).anyMatch(embedding -> embedding.value().getOrigin() == EmbeddingOrigin.REFRESHED);
        assertThat(embeddings).allSatisfy(embedding -> {
            assertThat(text(embedding.key())).isEqualTo(embedding.value().getId());
            assertThat(embedding.value().getVector()).hasSize(32);
            assertThat(length(embedding.value().getVector())).isCloseTo(1, within(1e-5));
        });
        assertThat(prototypes).allSatisfy(prototype -> {
            assertThat(text(prototype.key())).isEqualTo(prototype.value().getLabel());
            assertThat(length(prototype.value().getVector())).isCloseTo(1, within(1e-5));
            assertThat(prototype.value().getSupport()).isBetween(1, 24);
        });
        assertThat(releases)
                .extracting(release -> release.value().getEncoderVersion())
                .containsExactly(10L, 20L);
        for (Received<EncoderRelease> release : releases) {
            assertThat(text(release.key())).isEqualTo("encoder");
            Release.open(release.value().getUri(), release.value().getSha256()).verify();
        }
        assertThat(reports).allSatisfy(report -> assertThat(text(report.key())).isEqualTo("encoder"));
        LearningReport end = reports.get(reports.size() - 1).value();
        assertThat(end.getEncoderVersion()).isEqualTo(25);
        assertThat(end.getClasses()).isEqualTo(ColouredImages.CLASSES);
        assertThat(end.getReplaySize()).isEqualTo(24);
        assertThat(end.getSkippedSteps()).isZero();
        assertThat(end.getWindowAccuracy())
                .as("accuracy over the last 40 images, chance 0.25")
                .isGreaterThan(0.6);
    }

    @Test
    void sidestepsBadRecordsAndSaysWhatIsWrongWithEach() throws Exception {
        Map<Topic, String> topics = KAFKA.createTopics("bad");
        String input = topics.get(Topic.LABELLED_IMAGES);
        List<BadRecords.Bad> bad = BadRecords.all();

        // One of them is larger than any image may be.
        KAFKA.limitRecords(input, 32 << 20);
        KAFKA.send(input, ColouredImages.range(0, 4));
        List<RecordMetadata> sent = new ArrayList<>();
        for (BadRecords.Bad one : bad) {
            ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(input, one.key(), one.value());
            record.headers().add("trace", "abc".getBytes(StandardCharsets.UTF_8));
            sent.add(KAFKA.send(record));
        }
        KAFKA.send(input, ColouredImages.range(4, 8));

        try (RunningJob job = RunningJob.start(options(topics, Map.of()), ReferenceEngine::new, METRICS, null)) {
            List<Received<RejectedRecord>> rejected = read(
                    topics.get(Topic.REJECTED_IMAGES),
                    RejectedRecord.class,
                    bad.size() + " records",
                    read -> read.size() >= bad.size());
            read(topics.get(Topic.EMBEDDINGS), Embedding.class, "8 learned images", read -> learned(read) >= 8);

            assertThat(rejected).hasSameSizeAs(bad);
            for (int i = 0; i < bad.size(); i++) {
                BadRecords.Bad one = bad.get(i);
                Received<RejectedRecord> received = rejected.get(i);
                RejectedRecord record = received.value();
                assertThat(record.getReason()).as(one.what()).isEqualTo(one.reason());
                assertThat(record.getMessage()).as(one.what()).isNotBlank();
                assertThat(JavaText.in(record.getMessage()))
                        .as(record.getMessage())
                        .isEmpty();
                assertThat(record.getTopic()).isEqualTo(input);
                assertThat(record.getPartition()).isZero();
                assertThat(record.getOffset()).isEqualTo(sent.get(i).offset());
                assertThat(record.getTimestamp().toEpochMilli())
                        .isEqualTo(sent.get(i).timestamp());
                assertThat(record.getHeaders()).containsOnlyKeys("trace");
                assertThat(record.getPayloadSize()).isEqualTo(one.value() == null ? -1 : one.value().length);
                assertThat(record.getPayload().remaining()).isLessThanOrEqualTo(4 << 10);
                assertThat(received.key()).as(one.what()).isEqualTo(one.key());
            }
            assertThat(job.metric("decode\\.\\d+\\." + DecodeMetrics.REJECTED)).isEqualTo(bad.size());
            assertThat(job.metric("decode\\.\\d+\\." + DecodeMetrics.DECODED)).isEqualTo(8);
            assertThat(job.metric("numRestarts")).isZero();
            assertThat(job.status()).isEqualTo(JobStatus.RUNNING);
        }
    }

    @Test
    void learnsFromImagesWithoutLabelIfItIsToldTo() throws Exception {
        Map<Topic, String> topics = KAFKA.createTopics("unlabelled");
        List<LabelledImage> images = ColouredImages.range(0, 16);
        images.stream().filter(image -> image.getId().matches(".*[2579]")).forEach(image -> image.setLabel(""));
        KAFKA.send(topics.get(Topic.LABELLED_IMAGES), images);

        JobOptions options = options(topics, Map.of("learner.unlabelled", "views"));
        try (RunningJob job = RunningJob.start(options, ReferenceEngine::new, METRICS, null)) {
            List<Received<Embedding>> embeddings =
                    read(topics.get(Topic.EMBEDDINGS), Embedding.class, "16 images", read -> learned(read) >= 16);
            List<Received<LearningReport>> reports = read(
                    topics.get(Topic.LEARNING_REPORTS),
                    LearningReport.class,
                    "a report of all images",
                    read -> !read.isEmpty() && last(read).getImagesSeen() == 10);

            assertThat(last(reports).value().getImagesUnlabelled()).isEqualTo(6);
            assertThat(embeddings.stream()
                            .map(Received::value)
                            .filter(embedding -> embedding.getLabel() == null)
                            .map(Embedding::getId))
                    .containsExactly("image-2", "image-5", "image-7", "image-9", "image-12", "image-15");
            assertThat(job.metric(LearnerMetrics.IMAGES_UNLABELLED)).isEqualTo(6);
            assertThat(job.metric("decode\\.\\d+\\." + DecodeMetrics.REJECTED)).isZero();
        }
    }

    @Test
    void namesMissingTopicsAndTheCommandThatCreatesThem() {
        JobOptions options = options(missingTopics(), Map.of());

        assertThatThrownBy(() -> RunningJob.start(options, ReferenceEngine::new, METRICS, null))
                .isInstanceOf(TopicException.class)
                .hasMessageContaining("'missing-labelled-images'")
                .hasMessageContaining("topics create --bootstrap-servers " + KAFKA.bootstrapServers());
    }

    @Test
    void saysThatABrokerDoesNotAnswer() throws Exception {
        // Listens and never says a word.
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            JobOptions options = TestJobs.options(
                    "127.0.0.1:" + silent.getLocalPort(),
                    missingTopics(),
                    folder,
                    Map.of(
                            "kafka.properties.default.api.timeout.ms", "1000",
                            "kafka.properties.request.timeout.ms", "500"));

            assertThatThrownBy(() -> KafkaCheck.require(options.kafka(), Topic.LABELLED_IMAGES, 0, 0))
                    .isInstanceOf(TopicException.class)
                    .hasMessageContaining("127.0.0.1:" + silent.getLocalPort());
        }
    }

    @Test
    void refusesTransactionsLongerThanTheBrokerAllows() {
        Map<Topic, String> topics = KAFKA.createTopics("long-transactions");
        JobOptions options = options(
                topics, Map.of("kafka.delivery-guarantee", "exactly-once", "kafka.transaction-timeout", "16 min"));

        assertThatThrownBy(() -> RunningJob.start(options, ReferenceEngine::new, METRICS, null))
                .isInstanceOf(InvalidOptionsException.class)
                .hasMessage("kafka.transaction-timeout is 960 s, but must be at most the brokers'"
                        + " transaction.max.timeout.ms, which is 900 s");
    }

    @Test
    void refusesRejectionsLargerThanTheirTopicTakes() throws Exception {
        Map<Topic, String> topics = KAFKA.createTopics("small-records");
        KAFKA.limitRecords(topics.get(Topic.REJECTED_IMAGES), 200_000);
        JobOptions options = options(topics, Map.of("image.rejected-payload-size", "100 kb"));

        assertThatThrownBy(() -> RunningJob.start(options, ReferenceEngine::new, METRICS, null))
                .isInstanceOf(InvalidOptionsException.class)
                .hasMessage(
                        "image.rejected-payload-size makes records of up to 233472 bytes, but max.message.bytes of the"
                                + " topic 'small-records-rejected-images' allows 200000: lower the one or raise the other");
    }

    @Test
    void saysThatATopicTakesLessThanTheLargestImage() throws Exception {
        Map<Topic, String> topics = KAFKA.createTopics("large-images");
        JobOptions usual = options(topics, Map.of());
        assertThat(KafkaCheck.require(
                        usual.kafka(), Topic.LABELLED_IMAGES, 0, usual.decode().maxEncodedBytes()))
                .isEmpty();

        JobOptions larger = options(topics, Map.of("image.max-encoded-size", "20 mb"));

        assertThat(KafkaCheck.require(
                        larger.kafka(),
                        Topic.LABELLED_IMAGES,
                        0,
                        larger.decode().maxEncodedBytes()))
                .singleElement()
                .asString()
                .startsWith("image.max-encoded-size allows images of 20971520 bytes, but the topic"
                        + " 'large-images-labelled-images' takes records of at most 11534336 bytes")
                .contains("topics create --max-message-size");

        List<String> said = new ArrayList<>();
        try (RunningJob job = RunningJob.start(larger, ReferenceEngine::new, METRICS, null, said::add)) {
            assertThat(job.status().isGloballyTerminalState()).isFalse();
        }
        assertThat(said)
                .filteredOn(line -> line.startsWith("contrastream: warning: image.max-encoded-size allows images of"
                        + " 20971520 bytes, but the topic 'large-images-labelled-images' takes records of at most"))
                .hasSize(1);
    }

    private static Map<Topic, String> missingTopics() {
        Map<Topic, String> names = new HashMap<>();
        for (Topic topic : Topic.values()) {
            names.put(topic, "missing-" + topic.id());
        }
        return names;
    }

    private JobOptions options(Map<Topic, String> topics, Map<String, String> more) {
        return TestJobs.options(KAFKA.bootstrapServers(), topics, folder, more);
    }

    private static <T extends SpecificRecord> List<Received<T>> read(
            String topic, Class<T> type, String what, Predicate<List<T>> condition) throws Exception {
        try (ReadTopic<T> reader = KAFKA.read(topic, type)) {
            return reader.until(what, condition);
        }
    }

    private static long learned(List<Embedding> embeddings) {
        return embeddings.stream()
                .filter(embedding -> embedding.getOrigin() == EmbeddingOrigin.LEARNED)
                .count();
    }

    private static <T> T last(List<T> values) {
        return values.get(values.size() - 1);
    }

    private static double length(List<Float> vector) {
        return Math.sqrt(vector.stream().mapToDouble(x -> (double) x * x).sum());
    }

    private static String text(byte[] key) {
        return new String(key, StandardCharsets.UTF_8);
    }
}
