package io.contrastream.jobs.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.jobs.embedding.option.EmbeddingJobSettings;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.operators.embed.EmbedMetrics;
import io.contrastream.releases.ReleaseException;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.RejectedRecord;
import io.contrastream.schemas.SingleObject;
import io.contrastream.testing.Await;
import io.contrastream.testing.ReadTopic;
import io.contrastream.testing.ReadTopic.Received;
import io.contrastream.testing.TestKafka;
import io.contrastream.testing.TestReleases;
import io.contrastream.topics.Announcement;
import io.contrastream.topics.Topic;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The job from topic to topics, on a real broker, with releases that come, go wrong and are gone back from. */
class EmbeddingJobITCase {

    private static final String MODEL = "encoder";
    private static final InMemoryReporter METRICS = InMemoryReporter.create();

    @RegisterExtension
    static final MiniClusterExtension CLUSTER = new MiniClusterExtension(new MiniClusterResourceConfiguration.Builder()
            .setNumberTaskManagers(1)
            .setNumberSlotsPerTaskManager(2)
            .setConfiguration(METRICS.addToConfiguration(new Configuration()))
            .build());

    @AutoClose
    private static final TestKafka KAFKA = TestKafka.start();

    @TempDir
    Path folder;

    private Map<Topic, String> topics;
    private JobClient job;

    @AfterEach
    void cancel() throws Exception {
        if (job != null && !job.getJobStatus().get().isGloballyTerminalState()) {
            job.cancel().get();
        }
    }

    @Test
    void everyQueryIsEmbeddedByTheNewestReleaseThatCanBeUsed() throws Exception {
        topics = KAFKA.createTopics("serves");
        TestReleases releases = new TestReleases(folder.resolve("releases"));
        EncoderRelease first = releases.release(MODEL, 10);
        announce(releases.release("another", 7));
        assertThatThrownBy(() -> start("", Map.of()))
                .isInstanceOf(ReleaseException.class)
                .hasMessageContaining(
                        "topic 'serves-encoder-releases': no release of model 'encoder' has been announced");

        announce(first);
        send(0, 20);
        KAFKA.send(new ProducerRecord<>(topics.get(Topic.IMAGE_QUERIES), key("bad"), key("not a record")));
        start("", Map.of("embedding.nearest-labels", "3"));
        requireServed(0, 20, first);
        try (ReadTopic<RejectedRecord> rejected = KAFKA.read(topics.get(Topic.REJECTED_IMAGES), RejectedRecord.class)) {
            assertThat(rejected.until("a record", read -> !read.isEmpty())
                            .get(0)
                            .value()
                            .getReason())
                    .isEqualTo("unknown-format");
        }

        EncoderRelease damaged = releases.release(MODEL, 20);
        Files.writeString(Path.of(URI.create(damaged.getUri())).resolve("encoder.onnx"), "damaged");
        announce(damaged);
        awaitCounter(EmbedMetrics.RELEASES_REFUSED, 1);
        announce(new EncoderRelease(
                MODEL, 21L, folder.resolve("nowhere").toUri().toString(), "0", Map.of(), first.getReleasedAt()));
        awaitCounter(EmbedMetrics.RELEASES_REFUSED, 2);
        announce(releases.release(MODEL, 22, new ImageShape(3, 12, 12)));
        awaitCounter(EmbedMetrics.RELEASES_REFUSED, 3);
        send(20, 30);
        requireServed(20, 30, first);

        EncoderRelease second = releases.mirrored(MODEL, 30);
        announce(second);
        awaitCounter(EmbedMetrics.RELEASES_TAKEN, 1);
        send(30, 40);
        requireServed(30, 40, second);

        announce(first);
        awaitCounter(EmbedMetrics.RELEASES_TAKEN, 2);
        send(40, 50);
        requireServed(40, 50, first);

        EncoderRelease several = releases.ofClasses(MODEL, 50, 5);
        announce(several);
        awaitCounter(EmbedMetrics.RELEASES_TAKEN, 3);
        send(50, 60);
        requireThreeLabelsNamed(50, 60, several);
    }

    /** Each component of an embedding is the similarity to one of the five classes. */
    private void requireThreeLabelsNamed(int from, int to, EncoderRelease release) throws Exception {
        List<Embedding> all = embeddings(to);
        for (int number = from; number < to; number++) {
            Embedding embedding = all.get(number);
            float[] expected = TestReleases.embedding(release, number);
            List<Integer> order = IntStream.range(0, 5)
                    .boxed()
                    .sorted(Comparator.comparingDouble(c -> -expected[c]))
                    .toList();
            List<String> labels = order.stream()
                    .map(c -> c == 0 ? "version-" + release.getEncoderVersion() : "other-" + c)
                    .toList();
            assertThat(embedding.getNearestLabel()).isEqualTo(labels.get(0));
            assertThat(embedding.getFurtherNearestLabels()).isEqualTo(labels.subList(1, 3));
            assertThat(embedding.getFurtherNearestSimilarities()).hasSize(2);
            for (int i = 0; i < 2; i++) {
                assertThat(embedding.getFurtherNearestSimilarities().get(i))
                        .isCloseTo(expected[order.get(i + 1)], within(1e-5f));
            }
        }
    }

    /** Queries flow all the time; the job is stopped and goes on with twice the parallelism, with the release that it had come to. */
    @Test
    void exactlyOnceNoQueryIsLostOrDoubledWhileReleasesComeAndTheJobIsRescaled() throws Exception {
        topics = KAFKA.createTopics("exact");
        Map<String, String> exactly = Map.of("kafka.delivery-guarantee", "exactly-once");
        TestReleases releases = new TestReleases(folder.resolve("releases"));
        announce(releases.release(MODEL, 10));
        start("", exactly);
        int sent = 0;
        for (long version = 11; version <= 13; version++) {
            announce(releases.release(MODEL, version));
            for (int i = 0; i < 10; i++) {
                send(sent, sent + 20);
                sent += 20;
            }
        }
        awaitCounter(EmbedMetrics.RELEASES_TAKEN, 1);
        String savepoint = job.stopWithSavepoint(false, folder.toUri().toString(), SavepointFormatType.CANONICAL)
                .get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        Map<String, String> wider = new HashMap<>(exactly);
        wider.put("job.parallelism", "2");
        start(savepoint, wider);
        Await.until("both instances serve version 13", () -> serving().equals(List.of(13L, 13L)), this::serving);
        send(sent, sent + 50);
        sent += 50;

        List<Embedding> embeddings = embeddings(sent);

        assertThat(embeddings)
                .extracting(Embedding::getId)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, sent).mapToObj(n -> "query-" + n).toList());
        assertThat(embeddings)
                .allSatisfy(embedding ->
                        assertThat(embedding.getNearestLabel()).isEqualTo("version-" + embedding.getEncoderVersion()));
        assertThat(embeddings.get(sent - 1).getEncoderVersion()).isEqualTo(13);
    }

    private void requireServed(int from, int to, EncoderRelease release) throws Exception {
        List<Embedding> all = embeddings(to);
        assertThat(all).hasSize(to);
        for (int number = from; number < to; number++) {
            Embedding embedding = all.get(number);
            float[] expected = TestReleases.embedding(release, number);
            assertThat(embedding.getId()).isEqualTo("query-" + number);
            assertThat(embedding.getOrigin()).isEqualTo(EmbeddingOrigin.QUERIED);
            assertThat(embedding.getEncoderVersion()).isEqualTo(release.getEncoderVersion());
            assertThat(embedding.getLabel()).isNull();
            assertThat(embedding.getNearestLabel()).isEqualTo("version-" + release.getEncoderVersion());
            assertThat(embedding.getNearestSimilarity()).isCloseTo(expected[0], within(1e-5f));
            assertThat(embedding.getFurtherNearestLabels()).isEmpty();
            assertThat(embedding.getFurtherNearestSimilarities()).isEmpty();
            assertThat(embedding.getUnknown()).isEqualTo(expected[0] < 0.05);
            for (int k = 0; k < expected.length; k++) {
                assertThat(embedding.getVector().get(k)).isCloseTo(expected[k], within(1e-5f));
            }
        }
    }

    private List<Embedding> embeddings(int count) throws Exception {
        try (ReadTopic<Embedding> reader = KAFKA.read(topics.get(Topic.EMBEDDINGS), Embedding.class)) {
            return reader.until(count + " embeddings", read -> read.size() >= count).stream()
                    .map(Received::value)
                    .toList();
        }
    }

    private void announce(EncoderRelease release) throws InterruptedException {
        Announcement.send(KAFKA.bootstrapServers(), Map.of(), topics.get(Topic.ENCODER_RELEASES), release);
    }

    private void send(int from, int to) throws Exception {
        for (int number = from; number < to; number++) {
            KAFKA.send(new ProducerRecord<>(
                    topics.get(Topic.IMAGE_QUERIES),
                    key("query-" + number),
                    SingleObject.encode(TestReleases.query(number))));
        }
    }

    private static byte[] key(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** @param savepoint to go on from; empty for none */
    private void start(String savepoint, Map<String, String> more) throws Exception {
        Map<String, String> options = new TreeMap<>(Map.of(
                "kafka.bootstrap-servers",
                KAFKA.bootstrapServers(),
                "job.checkpoint-interval",
                "500 ms",
                "job.checkpoint-directory",
                folder.resolve("checkpoints").toUri().toString(),
                "embedding.batch-size",
                "8"));
        EmbeddingJobSettings.TOPICS.forEach((topic, setting) -> options.put(setting.key(), topics.get(topic)));
        options.putAll(more);
        List<String> arguments = new ArrayList<>();
        options.forEach((key, value) -> arguments.add("--" + key + "=" + value));
        Configuration flink = new Configuration();
        if (!savepoint.isEmpty()) {
            flink.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
        }
        job = EmbeddingJob.submit(
                StreamExecutionEnvironment.getExecutionEnvironment(flink),
                EmbeddingOptions.parse(arguments.toArray(String[]::new)),
                said -> {});
    }

    private void awaitCounter(String name, long value) {
        Await.until(name + " is " + value, () -> counter(name) >= value, () -> counter(name));
    }

    private List<Object> serving() {
        return METRICS.findMetrics(job.getJobID(), EmbedMetrics.SERVING_VERSION).values().stream()
                .<Object>map(metric -> ((Gauge<?>) metric).getValue())
                .toList();
    }

    private long counter(String name) {
        return METRICS.findMetrics(job.getJobID(), name).values().stream()
                .mapToLong(metric -> ((Counter) metric).getCount())
                .sum();
    }
}
