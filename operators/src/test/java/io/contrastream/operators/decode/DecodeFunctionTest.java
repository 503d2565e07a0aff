package io.contrastream.operators.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.image.PixelResize;
import io.contrastream.learning.learner.Example;
import io.contrastream.operators.Forget;
import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.ImageEncoding;
import io.contrastream.schemas.ImageQuery;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.RejectedRecord;
import io.contrastream.schemas.SingleObject;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.types.Either;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecodeFunctionTest {

    private static final long NOW = 1_700_000_000_000L;
    private static final BufferedImage IMAGE = Images.colour(16, 12, 1);
    private static final LabelledImage GOOD = Images.record(Images.png(IMAGE), ImageEncoding.PNG);

    private OneInputStreamOperatorTestHarness<KafkaRecord, Either<Example, Forget>> harness;

    @BeforeEach
    void open() throws Exception {
        harness = harness(new DecodeOptions(new ImageShape(3, 8, 8), 1 << 20, 1_000_000, 16));
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    private static OneInputStreamOperatorTestHarness<KafkaRecord, Either<Example, Forget>> harness(
            DecodeOptions options) throws Exception {
        OneInputStreamOperatorTestHarness<KafkaRecord, Either<Example, Forget>> harness =
                new OneInputStreamOperatorTestHarness<>(
                        new ProcessOperator<>(new DecodeFunction<>(options, ExampleDecoder::new)));
        harness.setup(ExampleDecoder.OUTPUT.createSerializer(new SerializerConfigImpl()));
        harness.open();
        harness.setProcessingTime(NOW);
        return harness;
    }

    private static KafkaRecord record(byte[] value) {
        return new KafkaRecord("labelled-images", 3, 42, NOW - 5, new byte[] {1, 2}, value, Map.of());
    }

    private void send(KafkaRecord record) throws Exception {
        harness.processElement(new StreamRecord<>(record));
    }

    private List<Example> examples() {
        return harness.extractOutputValues().stream().map(Either::left).toList();
    }

    private RejectedRecord rejected() {
        assertThat(harness.extractOutputValues()).isEmpty();
        assertThat(harness.getSideOutput(DecodeFunction.REJECTED)).hasSize(1);
        return harness.getSideOutput(DecodeFunction.REJECTED).peek().getValue();
    }

    @Test
    void decodesAnImageToTheInputShape() throws Exception {
        send(record(SingleObject.encode(GOOD)));

        assertThat(examples()).singleElement().satisfies(example -> {
            assertThat(example.id()).isEqualTo("image-1");
            assertThat(example.label()).isEqualTo("cat");
            assertThat(example.eventTimeMillis()).isEqualTo(Images.EVENT_TIME.toEpochMilli());
            assertThat(example.pixels())
                    .isEqualTo(PixelResize.resize(Images.planar(IMAGE), new ImageShape(3, 12, 16), 8, 8));
        });
        assertThat(harness.getSideOutput(DecodeFunction.REJECTED)).isNull();
    }

    @Test
    void decodesToOneChannelWhereTheEncoderHasOne() throws Exception {
        harness.close();
        harness = harness(new DecodeOptions(new ImageShape(1, 12, 16), 1 << 20, 1_000_000, 16));

        send(record(SingleObject.encode(GOOD)));

        byte[] luma = new Pixels(new ImageShape(3, 12, 16), Images.planar(IMAGE))
                .luma()
                .planar();
        assertThat(examples())
                .singleElement()
                .satisfies(example -> assertThat(example.pixels()).isEqualTo(luma));
    }

    @Test
    void saysWhereARejectedRecordCameFromAndWhatItHeld() throws Exception {
        byte[] value = "what a surprise, some text".getBytes(StandardCharsets.UTF_8);

        send(new KafkaRecord("labelled-images", 3, 42, 1234, new byte[] {1, 2}, value, Map.of("h", new byte[] {9})));

        RejectedRecord rejected = rejected();
        assertThat(rejected.getReason()).isEqualTo("unknown-format");
        assertThat(rejected.getMessage()).contains("C3 01").contains("a LabelledImage is needed");
        assertThat(rejected.getTopic()).isEqualTo("labelled-images");
        assertThat(rejected.getPartition()).isEqualTo(3);
        assertThat(rejected.getOffset()).isEqualTo(42);
        assertThat(rejected.getTimestamp()).isEqualTo(Instant.ofEpochMilli(1234));
        assertThat(rejected.getKey()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2}));
        assertThat(rejected.getHeaders()).isEqualTo(Map.of("h", ByteBuffer.wrap(new byte[] {9})));
        assertThat(rejected.getPayload()).isEqualTo(ByteBuffer.wrap(Arrays.copyOf(value, 16)));
        assertThat(rejected.getPayloadSize()).isEqualTo(value.length);
        assertThat(rejected.getRejectedAt()).isEqualTo(Instant.ofEpochMilli(NOW));
    }

    @Test
    void cutsWhatAStrangerSentToTheBoundsOfTheSchema() throws Exception {
        Map<String, byte[]> headers = new HashMap<>();
        for (int i = 0; i < 50; i++) {
            headers.put("header-" + i, new byte[3000]);
        }
        headers.put("header-0", null);
        String label = "\uD83D\uDE00\n".repeat(5_000);
        byte[] value = SingleObject.encode(Images.record("id", label, new byte[] {1}, ImageEncoding.PNG, null, null));

        send(new KafkaRecord("labelled-images", 0, 0, -1, new byte[5000], value, headers));

        RejectedRecord rejected = rejected();
        assertThat(rejected.getReason()).isEqualTo("invalid-label");
        assertThat(rejected.getMessage())
                .startsWith("label is '\uD83D\uDE00?")
                .endsWith("of 10000 characters; it must have 1 to 256 characters")
                .hasSizeLessThanOrEqualTo(1024);
        assertThat(rejected.getKey().remaining()).isEqualTo(1024);
        assertThat(rejected.getHeaders()).hasSize(32);
        assertThat(rejected.getHeaders().get("header-0").remaining()).isZero();
        assertThat(rejected.getHeaders().get("header-1").remaining()).isEqualTo(1024);
        assertThat(SingleObject.decode(SingleObject.encode(rejected))).isEqualTo(rejected);
    }

    private static KafkaRecord tombstone(byte[] key) {
        return new KafkaRecord("labelled-images", 0, 0, -1, key, null, Map.of());
    }

    @ParameterizedTest
    @ValueSource(strings = {"image-1", "bilder/猫 1.png", " ", "\uD83D\uDE00"})
    void takesATombstoneForAnOrderToForgetTheImageOfItsKey(String id) throws Exception {
        send(tombstone(id.getBytes(StandardCharsets.UTF_8)));

        assertThat(harness.extractOutputValues()).containsExactly(Either.Right(new Forget(id)));
        assertThat(harness.getSideOutput(DecodeFunction.REJECTED)).isNull();
    }

    /** In the order of the records. */
    @Test
    void leavesATombstoneBetweenTheImagesThatItCameBetween() throws Exception {
        send(record(SingleObject.encode(GOOD)));
        send(tombstone("image-1".getBytes(StandardCharsets.UTF_8)));
        send(record(SingleObject.encode(GOOD)));

        assertThat(harness.extractOutputValues()).extracting(Either::isRight).containsExactly(false, true, false);
    }

    @Test
    void rejectsATombstoneWithoutKey() throws Exception {
        send(tombstone(null));

        assertThat(rejected().getReason()).isEqualTo("tombstone");
        assertThat(rejected().getMessage()).contains("neither value nor key");
        assertThat(rejected().getKey()).isNull();
        assertThat(rejected().getPayloadSize()).isEqualTo(-1);
        assertThat(rejected().getTimestamp()).isEqualTo(Instant.ofEpochMilli(-1));
    }

    static Stream<byte[]> noIds() {
        return Stream.of(
                new byte[0],
                new byte[] {(byte) 0xff},
                new byte[] {'a', (byte) 0xc3},
                "i".repeat(257).getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @MethodSource("noIds")
    void rejectsATombstoneWhoseKeyIsNoId(byte[] key) throws Exception {
        send(tombstone(key));

        assertThat(rejected().getReason()).isEqualTo("invalid-id");
        assertThat(rejected().getPayloadSize()).isEqualTo(-1);
    }

    @Test
    void rejectsAnEmptyPayload() throws Exception {
        send(record(new byte[0]));

        assertThat(rejected().getReason()).isEqualTo("empty-payload");
        assertThat(rejected().getPayloadSize()).isZero();
    }

    @Test
    void rejectsAnUnknownSchema() throws Exception {
        byte[] value = SingleObject.encode(GOOD);
        value[5]++;

        send(record(value));

        assertThat(rejected().getReason()).isEqualTo("unknown-schema");
    }

    @Test
    void rejectsARecordOfAnotherTopic() throws Exception {
        send(record(SingleObject.encode(new ClassPrototype("cat", List.of(1f), 1, 1f, 0L, Images.EVENT_TIME))));

        assertThat(rejected().getReason()).isEqualTo("wrong-record-type");
        assertThat(rejected().getMessage()).contains("ClassPrototype").contains("LabelledImage");
    }

    @Test
    void rejectsARecordThatIsCutOff() throws Exception {
        byte[] value = SingleObject.encode(GOOD);

        send(record(Arrays.copyOf(value, value.length - 3)));

        assertThat(rejected().getReason()).isEqualTo("malformed-record");
    }

    @Test
    void rejectsAnIdThatIsEmptyAndTakesOneOf256Characters() throws Exception {
        send(record(SingleObject.encode(
                Images.record("\uD83D\uDE00".repeat(256), "cat", Images.png(IMAGE), ImageEncoding.PNG, null, null))));
        assertThat(examples()).hasSize(1);
        harness.getOutput().clear();

        send(record(SingleObject.encode(Images.record("", "cat", Images.png(IMAGE), ImageEncoding.PNG, null, null))));

        assertThat(rejected().getReason()).isEqualTo("invalid-id");
        assertThat(rejected().getMessage()).isEqualTo("id is empty; it must have 1 to 256 characters");
    }

    @ParameterizedTest
    @ValueSource(strings = {" ", "\t\n", "\u00a0\u3000", "\u0000\u001b", "\u200b\ufeff", "\u202e \u0085"})
    void rejectsALabelThatNobodyCanSee(String label) throws Exception {
        send(new KafkaRecord(
                "labelled-images",
                0,
                0,
                -1,
                null,
                SingleObject.encode(
                        Images.record("id", label, Images.png(Images.colour(4, 4, 1)), ImageEncoding.PNG, null, null)),
                Map.of()));

        RejectedRecord rejected = rejected();
        assertThat(rejected.getReason()).isEqualTo("invalid-label");
        assertThat(rejected.getMessage()).endsWith("white space and control characters alone are no label");
    }

    @Test
    void rejectsARecordOfTwentyMegabytes() throws Exception {
        byte[] value = SingleObject.encode(Images.record(new byte[20 << 20], ImageEncoding.PNG));

        send(record(value));

        assertThat(rejected().getReason()).isEqualTo("image-too-large");
        assertThat(rejected().getPayloadSize()).isEqualTo(value.length);
        assertThat(rejected().getPayload().remaining()).isEqualTo(16);
    }

    /** The same function, another record: what an image to embed only becomes is up to its decoder. */
    @Test
    void decodesAnImageWithoutALabelToo() throws Exception {
        ImageQuery query = ImageQuery.newBuilder()
                .setId("query-1")
                .setImage(ByteBuffer.wrap(Images.png(IMAGE)))
                .setEncoding(ImageEncoding.PNG)
                .setEventTime(Images.EVENT_TIME)
                .build();
        DecodeOptions options = new DecodeOptions(new ImageShape(3, 8, 8), 1 << 20, 1_000_000, 16);
        OneInputStreamOperatorTestHarness<KafkaRecord, byte[]> queries = new OneInputStreamOperatorTestHarness<>(
                new ProcessOperator<>(new DecodeFunction<>(options, DecodeFunctionTest::queryDecoder)));
        try {
            queries.open();

            queries.processElement(new StreamRecord<>(record(SingleObject.encode(query))));
            queries.processElement(new StreamRecord<>(record(SingleObject.encode(GOOD))));

            assertThat(queries.extractOutputValues())
                    .containsExactly(PixelResize.resize(Images.planar(IMAGE), new ImageShape(3, 12, 16), 8, 8));
            assertThat(queries.getSideOutput(DecodeFunction.REJECTED))
                    .singleElement()
                    .satisfies(rejected -> {
                        assertThat(rejected.getValue().getReason()).isEqualTo("wrong-record-type");
                        assertThat(rejected.getValue().getMessage()).endsWith("; an ImageQuery is needed");
                    });
        } finally {
            queries.close();
        }
    }

    private static RecordDecoder<byte[]> queryDecoder(DecodeOptions options) {
        ImageRecords<ImageQuery> records = new ImageRecords<>(ImageQuery.class, SingleObject.format(), options);
        return record -> records.pixels(EncodedImage.of(records.read(record.value())));
    }
}
