package io.contrastream.jobs.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.contrastream.jobs.embedding.EmbeddingJob;
import io.contrastream.jobs.embedding.EmbeddingOptions;
import io.contrastream.jobs.embedding.option.EmbeddingJobSettings;
import io.contrastream.learning.encoder.ReferenceEngine;
import io.contrastream.schemas.BinaryRecord;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.RecordFormat;
import io.contrastream.schemas.RejectedRecord;
import io.contrastream.schemas.SingleObject;
import io.contrastream.testing.Await;
import io.contrastream.testing.ColouredImages;
import io.contrastream.testing.ReadTopic;
import io.contrastream.testing.ReadTopic.Received;
import io.contrastream.testing.RegistryProcess;
import io.contrastream.testing.TestKafka;
import io.contrastream.testing.TestReleases;
import io.contrastream.topics.Announcement;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicException;
import io.contrastream.topics.TopicReader;
import io.contrastream.topics.format.Format;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.InjectMiniCluster;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The jobs on topics in JSON, and on topics of a real schema registry. */
class FormatsITCase {

    private static final InMemoryReporter METRICS = InMemoryReporter.create();
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Labels that all images have beside their own. */
    private static final List<String> FURTHER = List.of("coloured", "square");

    @RegisterExtension
    static final MiniClusterExtension CLUSTER = TestJobs.cluster(METRICS);

    @AutoClose
    private static final TestKafka KAFKA = TestKafka.start();

    @TempDir
    Path folder;

    private JobOptions options(Map<Topic, String> topics, Map<String, String> more) {
        return TestJobs.options(KAFKA.bootstrapServers(), topics, folder, more);
    }

    private static void send(String topic, String key, byte[] value) throws Exception {
        KAFKA.send(new ProducerRecord<>(topic, key.getBytes(StandardCharsets.UTF_8), value));
    }

    private static void send(String topic, RecordFormat format, int from, int to) throws Exception {
        for (LabelledImage image : ColouredImages.range(from, to)) {
            image.setFurtherLabels(FURTHER);
            send(topic, image.getId(), format.encode(image));
        }
    }

    private static List<String> ids(int to) {
        return IntStream.range(0, to).mapToObj(ColouredImages::id).toList();
    }

    private static List<Received<Embedding>> embeddings(String topic, RecordFormat format, int images)
            throws Exception {
        try (ReadTopic<Embedding> reader = KAFKA.read(topic, Embedding.class, format)) {
            return reader.until(
                    images + " learned images",
                    read -> read.stream().map(Embedding::getId).distinct().count() >= images);
        }
    }

    @Test
    void learnsFromPlainJsonAndAnswersInIt() throws Exception {
        Map<Topic, String> topics = KAFKA.createTopics("json");
        String input = topics.get(Topic.LABELLED_IMAGES);
        for (LabelledImage image : ColouredImages.range(0, 8)) {
            byte[] bytes = new byte[image.getImage().remaining()];
            image.getImage().duplicate().get(bytes);
            String json = """
                {"id": "%s", "label": "%s", "image": "%s", "encoding": "%s", "width": %s, "height": %s, "eventTime": %d,
                 "furtherLabels": ["coloured", "square"]}\
                """.formatted(
                            image.getId(),
                            image.getLabel(),
                            Base64.getEncoder().encodeToString(bytes),
                            image.getEncoding(),
                            image.getWidth(),
                            image.getHeight(),
                            1_767_323_045_678L);
            send(input, image.getId(), json.getBytes(StandardCharsets.UTF_8));
        }
        send(input, "cut", "{\"id\": \"cut\", ".getBytes(StandardCharsets.UTF_8));
        send(input, "bare", "{\"id\": \"bare\"}".getBytes(StandardCharsets.UTF_8));

        RecordFormat json = Format.JSON.on(Topic.EMBEDDINGS, "any", Map.of());
        try (RunningJob job = RunningJob.start(
                options(
                        topics,
                        Map.of(
                                "kafka.format",
                                "json",
                                "kafka.topic-format.rejected-images",
                                "single-object",
                                "learner.several-labels",
                                "learn")),
                ReferenceEngine::new,
                METRICS,
                null)) {
            List<Received<Embedding>> embeddings = embeddings(topics.get(Topic.EMBEDDINGS), json, 8);
            assertThat(embeddings).allSatisfy(embedding -> {
                assertThat(embedding.value().getVector()).hasSize(32);
                assertThat(embedding.value().getFurtherLabels()).isEqualTo(FURTHER);
                assertThat(embedding.value().getEventTime()).isEqualTo(Instant.ofEpochMilli(1_767_323_045_678L));
            });
            try (ReadTopic<RejectedRecord> rejected =
                    KAFKA.read(topics.get(Topic.REJECTED_IMAGES), RejectedRecord.class)) {
                assertThat(rejected.until("two records", read -> read.size() == 2))
                        .extracting(record -> record.value().getReason())
                        .containsExactly("unknown-format", "wrong-record-type");
            }
            assertThat(job.metric("numRestarts")).isZero();
        }
    }

    @Test
    void learnsOnARegistrysTopicsAndGoesOnWithoutTheRegistry(@InjectMiniCluster MiniCluster cluster) throws Exception {
        Map<Topic, String> topics = KAFKA.createTopics("registry");
        String input = topics.get(Topic.LABELLED_IMAGES);
        try (RegistryProcess registry = new RegistryProcess(Path.of("target").toAbsolutePath())) {
            Map<String, String> properties = Map.of("schema.registry.url", registry.url());
            Map<String, String> settings = Map.of(
                    "kafka.format",
                    "confluent",
                    "kafka.properties.schema.registry.url",
                    registry.url(),
                    "learner.several-labels",
                    "learn");

            assertThatThrownBy(() -> RunningJob.start(
                            options(
                                    topics,
                                    Map.of(
                                            "kafka.format",
                                            "confluent",
                                            "kafka.properties.schema.registry.url",
                                            registry.url(),
                                            "kafka.properties.auto.register.schemas",
                                            "false")),
                            ReferenceEngine::new,
                            METRICS,
                            null))
                    .isInstanceOf(TopicException.class)
                    .hasMessageContaining(
                            "does not have the schema of Embedding under the subject 'registry-embeddings-value'")
                    .hasMessageContaining("auto.register.schemas is false");
            assertThat(registry.get("/subjects").body()).doesNotContain("registry-embeddings-value");

            RecordFormat images = Format.CONFLUENT.on(Topic.LABELLED_IMAGES, input, properties);
            send(input, images, 0, 8);
            send(input, "unknown", ByteBuffer.allocate(9).putInt(1, 1 << 30).array());
            try (RunningJob job = RunningJob.start(options(topics, settings), ReferenceEngine::new, METRICS, null)) {
                RecordFormat answers = Format.CONFLUENT.on(Topic.EMBEDDINGS, topics.get(Topic.EMBEDDINGS), properties);
                RecordFormat rejections =
                        Format.CONFLUENT.on(Topic.REJECTED_IMAGES, topics.get(Topic.REJECTED_IMAGES), properties);
                assertThat(embeddings(topics.get(Topic.EMBEDDINGS), answers, 8))
                        .allSatisfy(embedding ->
                                assertThat(embedding.value().getFurtherLabels()).isEqualTo(FURTHER));
                try (ReadTopic<RejectedRecord> rejected =
                        KAFKA.read(topics.get(Topic.REJECTED_IMAGES), RejectedRecord.class, rejections)) {
                    assertThat(rejected.until("a record", read -> read.size() == 1)
                                    .get(0)
                                    .value())
                            .satisfies(record -> {
                                assertThat(record.getReason()).isEqualTo("unknown-schema");
                                assertThat(record.getMessage())
                                        .contains("the schema of id 1073741824")
                                        .contains(registry.url());
                            });
                }
                readAsAStrangerWould(registry, topics.get(Topic.EMBEDDINGS));
                requireQueriesAnswered(registry);

                registry.kill();
                send(input, images, 8, 16);

                assertThat(embeddings(topics.get(Topic.EMBEDDINGS), answers, 16))
                        .extracting(embedding -> embedding.value().getId())
                        .containsAll(ids(16));
                assertThat(job.metric("numRestarts")).isZero();

                // What the registry has said is part of the job.
                cluster.terminateTaskManager(0).get();
                cluster.startTaskManager();
                send(input, images, 16, 24);
                embeddings(topics.get(Topic.EMBEDDINGS), answers, 24);
                assertThat(job.metric("numRestarts")).isPositive();
            }
            assertThatThrownBy(() -> RunningJob.start(options(topics, settings), ReferenceEngine::new, METRICS, null))
                    .isInstanceOf(TopicException.class)
                    .hasMessageContaining("no answer from the schema registry at " + registry.url())
                    .hasMessageContaining("schema.registry.url");
        }
    }

    /** The embedding job: queries and answers are the registry's, announcements JSON. */
    private void requireQueriesAnswered(RegistryProcess registry) throws Exception {
        Map<Topic, String> topics = KAFKA.createTopics("registry-queries");
        Map<String, String> properties = Map.of("schema.registry.url", registry.url());
        EncoderRelease release = new TestReleases(folder.resolve("releases")).release("encoder", 10);
        String announcements = topics.get(Topic.ENCODER_RELEASES);
        Announcement.send(
                KAFKA.bootstrapServers(),
                Map.of(),
                announcements,
                Format.JSON.on(Topic.ENCODER_RELEASES, announcements, Map.of()),
                release);
        String queries = topics.get(Topic.IMAGE_QUERIES);
        RecordFormat asked = Format.CONFLUENT.on(Topic.IMAGE_QUERIES, queries, properties);
        for (int i = 0; i < 8; i++) {
            send(queries, "query-" + i, asked.encode(TestReleases.query(i)));
        }
        send(queries, "single-object", SingleObject.encode(TestReleases.query(8)));
        Map<String, String> options = new HashMap<>(Map.of(
                "kafka.bootstrap-servers", KAFKA.bootstrapServers(),
                "kafka.format", "confluent",
                "kafka.topic-format.encoder-releases", "json",
                "kafka.properties.schema.registry.url", registry.url(),
                "job.checkpoint-directory", folder.resolve("queries").toUri().toString()));
        EmbeddingJobSettings.TOPICS.forEach((topic, setting) -> options.put(setting.key(), topics.get(topic)));
        JobClient job = EmbeddingJob.submit(
                StreamExecutionEnvironment.getExecutionEnvironment(),
                EmbeddingOptions.parse(options.entrySet().stream()
                        .map(option -> "--" + option.getKey() + "=" + option.getValue())
                        .toArray(String[]::new)),
                said -> {});
        try {
            String answers = topics.get(Topic.EMBEDDINGS);
            List<Received<Embedding>> embeddings =
                    embeddings(answers, Format.CONFLUENT.on(Topic.EMBEDDINGS, answers, properties), 8);
            for (int i = 0; i < 8; i++) {
                Embedding embedding = embeddings.get(i).value();
                assertThat(embedding.getId()).isEqualTo("query-" + i);
                float[] expected = TestReleases.embedding(release, i);
                for (int k = 0; k < expected.length; k++) {
                    assertThat(embedding.getVector().get(k)).isCloseTo(expected[k], within(1e-5f));
                }
            }
            String rejections = topics.get(Topic.REJECTED_IMAGES);
            RecordFormat rejected = Format.CONFLUENT.on(Topic.REJECTED_IMAGES, rejections, properties);
            try (ReadTopic<RejectedRecord> reader = KAFKA.read(rejections, RejectedRecord.class, rejected)) {
                assertThat(reader.until("a record", read -> read.size() == 1)
                                .get(0)
                                .value()
                                .getReason())
                        .isEqualTo("unknown-format");
            }
        } finally {
            job.cancel().get();
        }
    }

    /** By the framing, the registry's answer and Avro's own decoder alone. */
    private static void readAsAStrangerWould(RegistryProcess registry, String topic) throws Exception {
        byte[] value;
        try (TopicReader reader = new TopicReader(KAFKA.bootstrapServers(), Map.of(), List.of(topic), true)) {
            value = reader.at(new TopicPartition(topic, 0), 0, Await.PATIENCE)
                    .orElseThrow()
                    .value();
        }
        assertThat(value[0]).isZero();
        String answer =
                registry.get("/schemas/ids/" + ByteBuffer.wrap(value).getInt(1)).body();
        Schema schema =
                new Schema.Parser().parse(MAPPER.readTree(answer).path("schema").asText());
        GenericRecord record = new GenericDatumReader<GenericRecord>(schema)
                .read(null, DecoderFactory.get().binaryDecoder(value, 5, value.length - 5, null));

        assertThat(schema).isEqualTo(BinaryRecord.schema(Embedding.class));
        assertThat(record.get("id").toString()).isEqualTo(ColouredImages.id(0));
    }
}
