package io.contrastream.topics.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.contrastream.schemas.BinaryRecord;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.schemas.ImageEncoding;
import io.contrastream.schemas.ImageQuery;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.RecordFormat;
import io.contrastream.schemas.SingleObject;
import io.contrastream.schemas.WireFormatException;
import io.contrastream.schemas.WireFormatException.Kind;
import io.contrastream.topics.Topic;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.RandomData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class JsonFormatTest {

    private static final RecordFormat JSON = new JsonFormat();
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private static final String IMAGE = """
        {"id": "7", "label": "star", "image": "AQID", "encoding": "PNG", "eventTime": "2026-01-02T03:04:05.678Z"}\
        """;

    private static LabelledImage read(String json) throws WireFormatException {
        return JSON.decode(json.getBytes(StandardCharsets.UTF_8), LabelledImage.class);
    }

    @ParameterizedTest
    @EnumSource(Topic.class)
    void aRecordOfEveryTopicComesBackAsItWas(Topic topic) throws Exception {
        Schema schema = BinaryRecord.schema(topic.type());
        for (Object random : new RandomData(schema, 50, 3)) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            new BinaryMessageEncoder<>(GenericData.get(), schema).encode(random, bytes);
            SpecificRecord record = SingleObject.decode(bytes.toByteArray(), topic.type());

            assertThat((SpecificRecord) JSON.decode(JSON.encode(record), topic.type()))
                    .isEqualTo(record);
            assertThat(AnyRecord.decode(JSON, JSON.encode(record))).isEqualTo(record);
        }
    }

    @Test
    void fieldsWithADefaultMayBeAbsentAndOthersMayBeThere() throws Exception {
        LabelledImage image = read(IMAGE.replace("{", "{\"camera\": {\"id\": 3}, "));

        assertThat(image)
                .isEqualTo(LabelledImage.newBuilder()
                        .setId("7")
                        .setLabel("star")
                        .setImage(ByteBuffer.wrap(new byte[] {1, 2, 3}))
                        .setEncoding(ImageEncoding.PNG)
                        .setWidth(null)
                        .setHeight(null)
                        .setEventTime(Instant.parse("2026-01-02T03:04:05.678Z"))
                        .setAttributes(Map.of())
                        .build());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        1767323045678                   | 2026-01-02T03:04:05.678Z
        "2026-01-02T04:04:05.678+01:00" | 2026-01-02T03:04:05.678Z
        -1                              | 1969-12-31T23:59:59.999Z
        """)
    void aTimeIsReadInIsoAndInMilliseconds(String written, String time) throws Exception {
        assertThat(read(IMAGE.replace("\"2026-01-02T03:04:05.678Z\"", written)).getEventTime())
                .isEqualTo(Instant.parse(time));
    }

    @Test
    void whatIsNotANumberIsWrittenAndReadAsText() throws Exception {
        Embedding embedding = Embedding.newBuilder()
                .setId("7")
                .setVector(List.of(Float.NaN, Float.NEGATIVE_INFINITY, 0.1f, 1e-42f))
                .setEncoderVersion(1)
                .setEventTime(Instant.EPOCH)
                .setEmbeddedAt(Instant.EPOCH)
                .setOrigin(EmbeddingOrigin.LEARNED)
                .build();

        assertThat(JSON.decode(JSON.encode(embedding), Embedding.class)).isEqualTo(embedding);
        assertThat(new String(JSON.encode(embedding), StandardCharsets.UTF_8)).contains("[\"NaN\",\"-Infinity\",0.1,");
    }

    @Test
    void aSymbolThatIsNewerThanTheSchemaIsReadAsUnknown() throws Exception {
        assertThat(read(IMAGE.replace("PNG", "AVIF")).getEncoding()).isEqualTo(ImageEncoding.UNKNOWN);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        label     | 5          | The payload's field 'label' is 5, but must be text
        label     | null       | The payload's field 'label' is null, but must be text
        image     | "/9j!"     | The payload's field 'image' is not in Base64
        image     | [1, 2]     | The payload's field 'image' is an array, but must be bytes in Base64
        encoding  | 1          | The payload's field 'encoding' is 1, but must be text
        width     | 3000000000 | The payload's field 'width' is 3000000000, but must be a whole number of 32 bits
        width     | 1.5        | The payload's field 'width' is 1.5, but must be a whole number
        eventTime | "today"    | The payload's field 'eventTime' is "today", but must be a time such as
        attributes | {"a": 1}  | The payload's field 'attributes.a' is 1, but must be text
        """)
    void aValueThatDoesNotFitIsNamed(String field, String value, String message) throws Exception {
        ObjectNode json = (ObjectNode) MAPPER.readTree(IMAGE);
        json.set(field, MAPPER.readTree(value));

        assertThatExceptionOfType(WireFormatException.class)
                .isThrownBy(() -> read(json.toString()))
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.MALFORMED_BODY));
    }

    @Test
    void aFieldThatIsMissingMakesItAnotherRecord() throws Exception {
        String query = IMAGE.replace("\"label\": \"star\", ", "");

        assertThatExceptionOfType(WireFormatException.class)
                .isThrownBy(() -> read(query))
                .withMessage("The payload has no field 'label', which LabelledImage needs")
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.OTHER_RECORD));
        assertThat(AnyRecord.decode(JSON, query.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(ImageQuery.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {"id": "7"            | The payload is not JSON: Unexpected end-of-input
        {"id": "7"} {}        | The payload is not JSON
        hello                 | The payload is not JSON: Unrecognized token 'hello'
        []                    | The payload is an array, not a JSON object
        """)
    void whatIsNoJsonObjectIsRefused(String json, String message) {
        assertThatExceptionOfType(WireFormatException.class)
                .isThrownBy(() -> read(json))
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.OTHER_FORMAT));
    }

    @Test
    void aRecordOfAnotherFormatIsToldBy() throws Exception {
        assertThatExceptionOfType(WireFormatException.class)
                .isThrownBy(() -> JSON.decode(SingleObject.encode(read(IMAGE)), LabelledImage.class))
                .withMessageContaining("kafka.format single-object reads it");
        assertThatExceptionOfType(WireFormatException.class)
                .isThrownBy(() -> JSON.decode(new byte[] {0, 0, 0, 0, 1, 2}, LabelledImage.class))
                .withMessageContaining("kafka.format confluent reads it");
    }
}
