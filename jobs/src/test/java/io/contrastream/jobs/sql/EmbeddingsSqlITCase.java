package io.contrastream.jobs.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.schemas.SingleObject;
import io.contrastream.testing.TestKafka;
import io.contrastream.topics.Topic;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;
import org.apache.flink.util.CloseableIterator;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The statements of {@code docs/consume/embeddings.sql}, on a real broker. */
class EmbeddingsSqlITCase {

    private static final Path STATEMENTS = Path.of("../docs/consume/embeddings.sql");

    @Test
    @Timeout(120)
    void theNewestEmbeddingOfEveryImageIsATable() throws Exception {
        try (TestKafka kafka = TestKafka.start()) {
            String topic = kafka.createTopics("sql").get(Topic.EMBEDDINGS);
            send(kafka, topic, embedding("a", "cat", 0.5f, 1f, 0f));
            send(kafka, topic, embedding("gone", "cat", 0.5f, 1f, 0f));
            send(kafka, topic, embedding("a", "dog", 0.75f, 0f, 1f));
            send(kafka, topic, embedding("b", "dog", 0.25f, 0f, 1f));
            send(kafka, topic, embedding("c", "dog", 0.5f, 0.6f, 0.8f));
            kafka.send(new ProducerRecord<>(topic, key("gone"), null));
            TableEnvironment tables = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
            tables.getConfig().set("parallelism.default", "1");
            for (String statement : Files.readString(STATEMENTS).split(";\\s*\\n", -1)) {
                if (!statement.isBlank()) {
                    tables.executeSql(statement
                            .replace("'topic' = 'embeddings'", "'topic' = '" + topic + "'")
                            .replace("localhost:9092", kafka.bootstrapServers()));
                }
            }

            assertThat(until(
                            tables,
                            "SELECT nearest_label, encoder_version, images, similarity FROM classes",
                            1,
                            Row.of("dog", 7L, 3L, 0.5f)))
                    .containsExactly(Row.of("dog", 7L, 3L, 0.5f));
            assertThat(until(tables, "SELECT id, other_id FROM duplicates", 2, Row.of("a", "b")))
                    .containsExactly(Row.of("a", "b"));
        }
    }

    /** Waits until a row is all that the table has. */
    private static List<Row> until(TableEnvironment tables, String query, int keys, Row wanted) throws Exception {
        Map<List<Object>, Row> rows = new HashMap<>();
        CloseableIterator<Row> changes = tables.executeSql(query).collect();
        try {
            while (changes.hasNext()) {
                Row change = changes.next();
                List<Object> key =
                        IntStream.range(0, keys).mapToObj(change::getField).toList();
                Row values = Row.copy(change);
                values.setKind(RowKind.INSERT);
                switch (change.getKind()) {
                    case INSERT, UPDATE_AFTER -> rows.put(key, values);
                    default -> rows.remove(key);
                }
                if (rows.size() == 1 && rows.containsValue(wanted)) {
                    return List.copyOf(rows.values());
                }
            }
        } finally {
            changes.close();
        }
        throw new AssertionError("the query has ended");
    }

    private static void send(TestKafka kafka, String topic, Embedding embedding) throws Exception {
        kafka.send(new ProducerRecord<>(topic, key(embedding.getId()), SingleObject.encode(embedding)));
    }

    private static byte[] key(String id) {
        return id.getBytes(StandardCharsets.UTF_8);
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
                false);
    }
}
