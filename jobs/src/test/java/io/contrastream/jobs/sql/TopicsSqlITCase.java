package io.contrastream.jobs.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.ImageEncoding;
import io.contrastream.schemas.ImageQuery;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.LearningReport;
import io.contrastream.schemas.RejectedRecord;
import io.contrastream.schemas.SingleObject;
import io.contrastream.testing.TestKafka;
import io.contrastream.topics.Topic;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;
import org.apache.flink.util.CloseableIterator;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The statements of {@code docs/sql/topics.sql}, on a real broker. */
class TopicsSqlITCase {

    private static final Path STATEMENTS = Path.of("../docs/sql/topics.sql");

    private static final Instant TIME = Instant.parse("2026-02-03T04:05:06.789Z");

    /** Fields of every kind: text, symbols, bytes, numbers, flags, maps and times. */
    private static final String OTHERS = """
            SELECT 'image', CONCAT_WS(' ', id, label, encoding, attributes['camera'], further_labels[2], CAST(CHAR_LENGTH(HEX(CAST(image AS STRING))) AS STRING),
              DATE_FORMAT(event_time, 'yyyy-MM-dd HH:mm:ss.SSS')) FROM labelled_images
            UNION ALL SELECT 'query', CONCAT_WS(' ', id, encoding, CAST(width AS STRING)) FROM image_queries
            UNION ALL SELECT 'release', CONCAT_WS(' ', model, uri, CAST(metrics['windowAccuracy'] AS STRING)) FROM encoder_releases
            UNION ALL SELECT 'report', CONCAT_WS(' ', CAST(loss AS STRING), CAST(images_seen AS STRING)) FROM learning_reports
            UNION ALL SELECT 'rejected', CONCAT_WS(' ', reason, `topic`, CAST(`offset` AS STRING), CAST(payload_size AS STRING)) FROM rejected_images
            """;

    @Test
    @Timeout(180)
    void everyTopicIsATableThatFollowsIt() throws Exception {
        try (TestKafka kafka = TestKafka.start()) {
            Map<Topic, String> topics = kafka.createTopics("sql");
            TableEnvironment tables = tables(kafka, topics);
            sendEmbeddings(kafka, topics.get(Topic.EMBEDDINGS));
            awaitRows(
                    tables,
                    "SELECT nearest_label, encoder_version, images, similarity FROM classes",
                    1,
                    Row.of("dog", 7L, 3L, 0.5f));
            awaitRows(tables, "SELECT id, other_id FROM duplicates", 2, Row.of("a", "b"));
            awaitRows(
                    tables,
                    "SELECT id, CARDINALITY(further_labels), further_nearest_labels[1], further_nearest_similarities[2] FROM embeddings",
                    1,
                    Row.of("a", 0, "emu", 0.125f),
                    Row.of("b", 0, "emu", 0.125f),
                    Row.of("c", 0, "emu", 0.125f));
            sendOthers(kafka, topics);
            awaitRows(
                    tables,
                    "SELECT place, label, similarity, encoder_version, prototype_version FROM nearest_prototypes WHERE id = 'c'",
                    1,
                    Row.of(1L, "cat", (double) 0.8f, 7L, 9L),
                    Row.of(2L, "dog", (double) 0.6f, 7L, 9L),
                    Row.of(3L, "emu", 0.0, 7L, 9L));
            awaitRows(
                    tables,
                    OTHERS,
                    1,
                    Row.of("image", "i cat PNG left indoors 6 2026-02-03 04:05:06.789"),
                    Row.of("query", "q RAW_PLANAR_RGB8 2"),
                    Row.of("release", "encoder file:///r 0.5"),
                    Row.of("report", "0.25 12"),
                    Row.of("rejected", "empty-payload labelled-images 4 -1"));
        }
    }

    private static TableEnvironment tables(TestKafka kafka, Map<Topic, String> topics) throws Exception {
        TableEnvironment tables = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
        tables.getConfig().set("parallelism.default", "1");
        tables.getConfig().setLocalTimeZone(ZoneOffset.UTC);
        for (String statement : Files.readString(STATEMENTS).split(";\\s*\\n", -1)) {
            if (!statement.isBlank()) {
                String own = statement.replace("localhost:9092", kafka.bootstrapServers());
                for (Map.Entry<Topic, String> topic : topics.entrySet()) {
                    own = own.replace(
                            "'topic' = '" + topic.getKey().id() + "'", "'topic' = '" + topic.getValue() + "'");
                }
                tables.executeSql(own);
            }
        }
        return tables;
    }

    /** Waits until these rows, and no others, are what the table has. */
    private static void awaitRows(TableEnvironment tables, String query, int keys, Row... wanted) throws Exception {
        Map<List<Object>, Row> rows = new HashMap<>();
        CloseableIterator<Row> changes = tables.executeSql(query).collect();
        try {
            while (rows.size() != wanted.length || !rows.values().containsAll(List.of(wanted))) {
                assertThat(changes.hasNext()).isTrue();
                Row change = changes.next();
                List<Object> key =
                        IntStream.range(0, keys).mapToObj(change::getField).toList();
                Row values = Row.copy(change);
                values.setKind(RowKind.INSERT);
                switch (change.getKind()) {
                    case INSERT, UPDATE_AFTER -> rows.put(key, values);
                    // Of a row that another has replaced, its end may come later.
                    default -> rows.remove(key, values);
                }
            }
        } finally {
            changes.close();
        }
    }

    private static void sendEmbeddings(TestKafka kafka, String topic) throws Exception {
        send(kafka, topic, "a", embedding("a", "cat", 0.5f, 1f, 0f));
        send(kafka, topic, "gone", embedding("gone", "cat", 0.5f, 1f, 0f));
        send(kafka, topic, "a", embedding("a", "dog", 0.75f, 0f, 1f));
        send(kafka, topic, "b", embedding("b", "dog", 0.25f, 0f, 1f));
        send(kafka, topic, "c", embedding("c", "dog", 0.5f, 0.6f, 0.8f));
        send(kafka, topic, "gone", null);
    }

    private static void sendOthers(TestKafka kafka, Map<Topic, String> topics) throws Exception {
        String prototypes = topics.get(Topic.PROTOTYPES);
        send(kafka, prototypes, "cat", new ClassPrototype("cat", List.of(0f, 1f), 3, 0.5f, 9L, TIME));
        send(kafka, prototypes, "dog", new ClassPrototype("dog", List.of(1f, 0f), 3, 0.5f, 9L, TIME));
        send(kafka, prototypes, "emu", new ClassPrototype("emu", List.of(0.8f, -0.6f), 3, 0.5f, 9L, TIME));
        send(kafka, prototypes, "far", new ClassPrototype("far", List.of(-1f, 0f), 3, 0.5f, 9L, TIME));
        send(
                kafka,
                topics.get(Topic.LABELLED_IMAGES),
                "i",
                new LabelledImage(
                        "i",
                        "cat",
                        ByteBuffer.wrap(new byte[] {1, 2, 3}),
                        ImageEncoding.PNG,
                        null,
                        null,
                        TIME,
                        Map.of("camera", "left"),
                        List.of("pet", "indoors")));
        send(
                kafka,
                topics.get(Topic.IMAGE_QUERIES),
                "q",
                new ImageQuery("q", ByteBuffer.wrap(new byte[6]), ImageEncoding.RAW_PLANAR_RGB8, 2, 1, TIME, Map.of()));
        send(
                kafka,
                topics.get(Topic.ENCODER_RELEASES),
                "encoder",
                new EncoderRelease("encoder", 7L, "file:///r", "0".repeat(64), Map.of("windowAccuracy", 0.5), TIME));
        send(
                kafka,
                topics.get(Topic.LEARNING_REPORTS),
                "encoder",
                LearningReport.newBuilder()
                        .setModel("encoder")
                        .setEncoderVersion(7)
                        .setLoss(0.25f)
                        .setImagesSeen(12)
                        .setPrequentialAccuracy(0.5)
                        .setWindowAccuracy(0.5)
                        .setWindowSize(10)
                        .setReplaySize(10)
                        .setReplayCapacity(20)
                        .setClasses(2)
                        .setImagesPerSecond(3)
                        .setSkippedSteps(0)
                        .setReportedAt(TIME)
                        .build());
        send(
                kafka,
                topics.get(Topic.REJECTED_IMAGES),
                "r",
                RejectedRecord.newBuilder()
                        .setReason("empty-payload")
                        .setMessage("it is empty")
                        .setTopic("labelled-images")
                        .setPartition(3)
                        .setOffset(4)
                        .setTimestamp(TIME)
                        .setHeaders(Map.of("trace", ByteBuffer.wrap(new byte[] {9})))
                        .setPayload(ByteBuffer.allocate(0))
                        .setPayloadSize(-1)
                        .setRejectedAt(TIME)
                        .build());
    }

    private static void send(TestKafka kafka, String topic, String key, SpecificRecord record) throws Exception {
        byte[] value = record == null ? null : SingleObject.encode(record);
        kafka.send(new ProducerRecord<>(topic, key.getBytes(StandardCharsets.UTF_8), value));
    }

    private static Embedding embedding(String id, String nearest, float similarity, Float... vector) {
        return new Embedding(
                id,
                null,
                nearest,
                similarity,
                List.of(vector),
                7L,
                Instant.EPOCH,
                Instant.EPOCH,
                EmbeddingOrigin.QUERIED,
                false,
                List.of(),
                List.of("emu", "far"),
                List.of(0.25f, 0.125f));
    }
}
