package io.contrastream.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.ImageEncoding;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.RejectedRecord;
import io.contrastream.schemas.SingleObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.apache.avro.Schema.Parser;
import org.apache.avro.generic.GenericData;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Timestamp;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.storage.Converter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class SingleObjectConverterTest {

    private static final Instant TIME = Instant.parse("2026-02-03T04:05:06.789Z");
    private static final Embedding EMBEDDING = Embedding.newBuilder()
            .setId("photo-17")
            .setLabel("cat")
            .setVector(List.of(0.6f, -0.8f))
            .setEncoderVersion(7)
            .setEventTime(TIME)
            .setEmbeddedAt(TIME.plusMillis(1))
            .setOrigin(EmbeddingOrigin.LEARNED)
            .build();
    private static final LabelledImage IMAGE = LabelledImage.newBuilder()
            .setId("photo-17")
            .setLabel("cat")
            .setImage(ByteBuffer.wrap(new byte[] {1, 2, 3}))
            .setEncoding(ImageEncoding.RAW_PLANAR_RGB8)
            .setWidth(1)
            .setHeight(1)
            .setEventTime(TIME)
            .setAttributes(Map.of("camera", "left"))
            .setFurtherLabels(List.of("pet"))
            .build();
    private static final RejectedRecord REJECTED = RejectedRecord.newBuilder()
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
            .build();

    private static SingleObjectConverter converter(Map<String, String> options) {
        SingleObjectConverter converter = new SingleObjectConverter();
        converter.configure(options, false);
        return converter;
    }

    private static Struct struct(Map<String, String> options, SpecificRecord record) {
        SchemaAndValue data = converter(options).toConnectData("a-topic", SingleObject.encode(record));
        Struct struct = (Struct) data.value();
        assertThat(data.schema()).isEqualTo(struct.schema());
        struct.validate();
        return struct;
    }

    @Test
    void anEmbeddingHasItsFieldsAndTypes() {
        Struct struct = struct(Map.of(), EMBEDDING);
        assertThat(struct.schema().name()).isEqualTo("io.contrastream.schemas.Embedding");
        assertThat(struct.getString("id")).isEqualTo("photo-17");
        assertThat(struct.<Float>getArray("vector")).containsExactly(0.6f, -0.8f);
        assertThat(struct.schema().field("vector").schema().valueSchema()).isEqualTo(Schema.FLOAT32_SCHEMA);
        assertThat(struct.schema().field("vector").schema().name()).isNull();
        assertThat(struct.getInt64("encoderVersion")).isEqualTo(7);
        assertThat(struct.getString("origin")).isEqualTo("LEARNED");
        assertThat(struct.schema().field("eventTime").schema().name()).isEqualTo(Timestamp.LOGICAL_NAME);
        assertThat(Timestamp.fromLogical(Timestamp.SCHEMA, (Date) struct.get("eventTime")))
                .isEqualTo(TIME.toEpochMilli());
        assertThat(struct.schema().field("nearestLabel").schema().isOptional()).isTrue();
        assertThat(struct.schema().field("id").schema().isOptional()).isFalse();
        assertThat(struct.get("nearestLabel")).isNull();
    }

    @Test
    void timesAreLongsNullsAreLeftOutAndVectorsNamedWhereToldSo() {
        Struct struct = struct(
                Map.of("times", "long", "nulls", "omit", "vector.schema.name", "io.debezium.data.FloatVector"),
                EMBEDDING);
        assertThat(struct.getInt64("embeddedAt")).isEqualTo(TIME.toEpochMilli() + 1);
        assertThat(struct.schema().fields())
                .extracting(field -> field.name())
                .containsExactly("id", "label", "vector", "encoderVersion", "eventTime", "embeddedAt", "origin");
        assertThat(struct.schema().field("vector").schema().name()).isEqualTo("io.debezium.data.FloatVector");
        Embedding query =
                Embedding.newBuilder(EMBEDDING).setLabel(null).setUnknown(true).build();
        assertThat(struct(Map.of("nulls", "omit"), query).schema().field("label"))
                .isNull();
        assertThat(struct(Map.of("nulls", "omit"), query).getBoolean("unknown")).isTrue();
    }

    @Test
    void anArrayOfTextsIsNoVector() {
        Struct struct = struct(Map.of("vector.schema.name", "io.debezium.data.FloatVector"), IMAGE);

        assertThat(struct.<String>getArray("furtherLabels")).containsExactly("pet");
        assertThat(struct.schema().field("furtherLabels").schema().name()).isNull();
    }

    @Test
    void anArrayOfSimilaritiesIsNoVectorEither() {
        Embedding answer = Embedding.newBuilder(EMBEDDING)
                .setNearestLabel("cat")
                .setNearestSimilarity(0.75f)
                .setFurtherNearestLabels(List.of("dog", "fox"))
                .setFurtherNearestSimilarities(List.of(0.5f, -0.25f))
                .build();

        Struct struct = struct(Map.of("vector.schema.name", "io.debezium.data.FloatVector", "nulls", "omit"), answer);

        assertThat(struct.<String>getArray("furtherNearestLabels")).containsExactly("dog", "fox");
        assertThat(struct.<Float>getArray("furtherNearestSimilarities")).containsExactly(0.5f, -0.25f);
        assertThat(struct.schema().field("furtherNearestLabels").schema().name())
                .isNull();
        assertThat(struct.schema().field("furtherNearestSimilarities").schema().name())
                .isNull();
        assertThat(struct.schema().field("vector").schema().name()).isEqualTo("io.debezium.data.FloatVector");
        assertThat(struct(Map.of(), EMBEDDING).<String>getArray("furtherNearestLabels"))
                .isEmpty();
    }

    @Test
    void aSchemaIsMadeOnce() {
        SingleObjectConverter converter = converter(Map.of("nulls", "omit"));
        byte[] value = SingleObject.encode(EMBEDDING);
        assertThat(converter.toConnectData("a", value).schema())
                .isSameAs(converter.toConnectData("a", value).schema());
    }

    static List<SpecificRecord> records() {
        return List.of(
                EMBEDDING,
                IMAGE,
                REJECTED,
                new ClassPrototype("cat", List.of(1f), 3, 0.5f, 7L, TIME),
                new EncoderRelease("encoder", 7L, "file:///r", "0".repeat(64), Map.of("windowAccuracy", 0.5), TIME));
    }

    /** By Connect's own converter, which refuses a value that does not fit its schema. */
    @ParameterizedTest
    @MethodSource("records")
    void everyRecordIsTheSameInJson(SpecificRecord record) throws IOException {
        Struct struct = struct(Map.of("times", "long"), record);
        try (JsonConverter json = new JsonConverter()) {
            json.configure(Map.of("schemas.enable", "false"), false);
            JsonNode found = new ObjectMapper().readTree(json.fromConnectData("a", struct.schema(), struct));
            for (var field : record.getSchema().getFields()) {
                assertThat(asText(found.get(field.name())))
                        .as(field.name())
                        .isEqualTo(asText(new ObjectMapper().valueToTree(plain(record.get(field.pos())))));
            }
        }
    }

    private static String asText(JsonNode node) {
        return node.isNumber() ? Double.toString(node.floatValue()) : node.toString();
    }

    private static Object plain(Object value) {
        if (value instanceof ByteBuffer bytes) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.duplicate().get(copy);
            return copy;
        } else if (value instanceof Instant time) {
            return time.toEpochMilli();
        } else if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .collect(java.util.stream.Collectors.toMap(Map.Entry::getKey, each -> plain(each.getValue())));
        }
        return value instanceof Enum<?> || value instanceof CharSequence ? value.toString() : value;
    }

    @Test
    void aRecordOfAnOlderVersionIsRead() throws IOException {
        try (InputStream file =
                Embedding.class.getResourceAsStream("/io/contrastream/schemas/released/Embedding/1.avsc")) {
            var schema = new Parser().parse(file);
            var old = new GenericData.Record(schema);
            old.put("id", "old");
            old.put("vector", List.of(1f));
            old.put("encoderVersion", 1L);
            old.put("eventTime", 5L);
            old.put("embeddedAt", 6L);
            old.put(
                    "origin",
                    new GenericData.EnumSymbol(schema.getField("origin").schema(), "QUERIED"));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            new BinaryMessageEncoder<GenericData.Record>(new GenericData(), schema).encode(old, out);
            Struct struct = (Struct)
                    converter(Map.of()).toConnectData("a", out.toByteArray()).value();
            assertThat(struct.getString("id")).isEqualTo("old");
            assertThat(struct.get("unknown")).isNull();
        }
    }

    @Test
    void aTombstoneStaysOneAndAnythingElseIsNamed() {
        SingleObjectConverter converter = converter(Map.of());
        assertThat(converter.toConnectData("a", null)).isEqualTo(SchemaAndValue.NULL);
        assertThat(converter.fromConnectData("a", null, null)).isNull();
        assertThatThrownBy(() -> converter.toConnectData("a-topic", "{}".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("a value of topic 'a-topic': ");
        assertThatThrownBy(() -> converter.fromConnectData("a-topic", Schema.STRING_SCHEMA, "a"))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("'a-topic' cannot be written");
    }

    @Test
    void anOptionThatIsNotAllowedIsRefused() {
        assertThatThrownBy(() -> converter(Map.of("times", "seconds")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("seconds")
                .hasMessageContaining("timestamp, long");
    }

    @Test
    void connectFindsThePlugins() {
        assertThat(ServiceLoader.load(Converter.class).stream()
                        .map(ServiceLoader.Provider::type)
                        .anyMatch(SingleObjectConverter.class::equals))
                .isTrue();
    }
}
