package io.contrastream.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.schemas.SingleObject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.transforms.Transformation;
import org.junit.jupiter.api.Test;

final class QdrantPointTest {

    private static final Instant TIME = Instant.ofEpochMilli(1_700_000_000_123L);

    private static SinkRecord transformed(SpecificRecord record) {
        byte[] value = record == null ? null : SingleObject.encode(record);
        SchemaAndValue data = new SingleObjectConverter().toConnectData("embeddings", value);
        return transform().apply(sink(data.schema(), data.value()));
    }

    private static SinkRecord sink(Schema schema, Object value) {
        return new SinkRecord("embeddings", 2, Schema.STRING_SCHEMA, "a key", schema, value, 5);
    }

    private static QdrantPoint<SinkRecord> transform() {
        QdrantPoint<SinkRecord> transform = new QdrantPoint<>();
        transform.configure(Map.of("collection", "images"));
        return transform;
    }

    @Test
    void anEmbeddingBecomesAPoint() {
        SinkRecord point = transformed(Embedding.newBuilder()
                .setId("photo-17")
                .setVector(List.of(0.6f, -0.8f))
                .setEncoderVersion(7)
                .setEventTime(TIME)
                .setEmbeddedAt(TIME)
                .setOrigin(EmbeddingOrigin.QUERIED)
                .build());
        assertThat(point.valueSchema()).isNull();
        assertThat(point.value())
                .isEqualTo(Map.of(
                        "collection_name",
                        "images",
                        // uuid.UUID(bytes=hashlib.md5(b"photo-17").digest(), version=3)
                        "id",
                        "f4bd321f-4bfa-3938-9ac1-118e5b9ad57e",
                        "vector",
                        List.of(0.6f, -0.8f),
                        "payload",
                        Map.of(
                                "id", "photo-17",
                                "encoderVersion", 7L,
                                "eventTime", 1_700_000_000_123L,
                                "embeddedAt", 1_700_000_000_123L,
                                "origin", "QUERIED")));
        assertThat(point.key()).isEqualTo("a key");
        assertThat(point.kafkaPartition()).isEqualTo(2);
        assertThat(point.kafkaOffset()).isEqualTo(5);
    }

    @Test
    void aPrototypeIsNamedByItsLabelAndATombstonePasses() {
        Map<?, ?> point = (Map<?, ?>) transformed(new ClassPrototype("cat", List.of(1f), 3, 0.5f, 7L, TIME))
                .value();
        assertThat(point.get("id"))
                .isEqualTo(java.util
                        .UUID
                        .nameUUIDFromBytes(new byte[] {'c', 'a', 't'})
                        .toString());
        assertThat(transformed(null).value()).isNull();
    }

    @Test
    void whatHasNoVectorIsRefused() {
        assertThatThrownBy(() -> transform().apply(sink(null, Map.of("vector", List.of(1f)))))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("'embeddings' has no field 'vector'");
        assertThatThrownBy(() -> new QdrantPoint<SinkRecord>().configure(Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("collection");
    }

    @Test
    void connectFindsIt() {
        assertThat(ServiceLoader.load(Transformation.class).stream()
                        .map(ServiceLoader.Provider::type)
                        .anyMatch(QdrantPoint.class::equals))
                .isTrue();
    }
}
