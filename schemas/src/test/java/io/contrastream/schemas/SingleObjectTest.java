package io.contrastream.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

final class SingleObjectTest {

    private static final List<Class<? extends SpecificRecord>> TYPES = Samples.TYPES;

    private static final Instant TIME = Instant.parse("2026-11-24T10:15:30.123Z");

    @Test
    void aRecordSurvivesTheRoundTrip() throws WireFormatException {
        LabelledImage image = image();

        assertThat(SingleObject.decode(SingleObject.encode(image), LabelledImage.class))
                .isEqualTo(image);
        assertThat(SingleObject.decode(SingleObject.encode(image))).isEqualTo(image);
    }

    @Test
    void everythingOfARecordThatSaysSomethingIsOfAnOrdinaryJavaType() throws WireFormatException {
        LabelledImage image = (LabelledImage) SingleObject.decode(SingleObject.encode(image()));

        assertThat(image.getId()).isEqualTo("image-1");
        assertThat(image.getEventTime()).isEqualTo(TIME);
        assertThat(image.getEncoding()).isEqualTo(ImageEncoding.PNG);
        assertThat(image.getAttributes()).containsExactly(Map.entry("camera", "Süd 3"));
        assertThat(image.getWidth()).isNull();
    }

    @ParameterizedTest
    @FieldSource("TYPES")
    void theAvroLibraryReadsWhatIsEncoded(Class<? extends SpecificRecord> type) throws Exception {
        BinaryMessageDecoder<SpecificRecord> twin = twinDecoder(type);
        for (byte[] sample : Samples.encoded(type, 200, 42)) {
            SpecificRecord record = twin.decode(sample);

            assertThat(twin.decode(SingleObject.encode(record))).isEqualTo(record);
        }
    }

    @ParameterizedTest
    @FieldSource("TYPES")
    void theBytesAreThoseOfTheAvroLibrary(Class<? extends SpecificRecord> type) throws Exception {
        BinaryMessageDecoder<SpecificRecord> reader = twinDecoder(type);
        BinaryMessageEncoder<SpecificRecord> twin = new BinaryMessageEncoder<>(
                SpecificData.getForClass(type), SpecificData.get().getSchema(type));
        for (byte[] sample : Samples.encoded(type, 200, 43)) {
            SpecificRecord record = reader.decode(sample);
            ByteBuffer expected = twin.encode(record);

            assertThat(ByteBuffer.wrap(SingleObject.encode(record))).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @FieldSource("TYPES")
    void whatTheAvroLibraryEncodesIsReadAsItReadsItItself(Class<? extends SpecificRecord> type) throws Exception {
        BinaryMessageDecoder<SpecificRecord> twin = twinDecoder(type);
        for (byte[] sample : Samples.encoded(type, 200, 44)) {
            SpecificRecord expected = twin.decode(sample);

            assertThat((SpecificRecord) SingleObject.decode(sample, type)).isEqualTo(expected);
            assertThat(SingleObject.decode(sample)).isEqualTo(expected);
        }
    }

    /** From src/test/python/fingerprints.py, which is written from the specification. */
    static Stream<Arguments> fingerprints() {
        return Stream.of(
                Arguments.of(ClassPrototype.class, "631db097eab29489"),
                Arguments.of(Embedding.class, "d47ca65cf12efea0"),
                Arguments.of(EncoderRelease.class, "e05ff64c1e1316cf"),
                Arguments.of(ImageLabel.class, "f6cc3cfb421395db"),
                Arguments.of(ImageQuery.class, "4bc5c64e356b976f"),
                Arguments.of(LabelledImage.class, "5f6b42cf2c50375c"),
                Arguments.of(LearningReport.class, "63c581e1de5d8166"),
                Arguments.of(RejectedRecord.class, "9bb0e4ba963d7d5c"));
    }

    @ParameterizedTest
    @MethodSource("fingerprints")
    void theHeaderIsThatOfTheSpecification(Class<? extends SpecificRecord> type, String fingerprint) throws Exception {
        byte[] bytes = SingleObject.encode(
                twinDecoder(type).decode(Samples.encoded(type, 1, 47).get(0)));

        assertThat(HexFormat.of().formatHex(bytes, 0, 10)).isEqualTo("c301" + fingerprint);
    }

    @Test
    void collectionsOfManyItemsAndInManyBlocksAreReadWhole() throws Exception {
        List<Float> vector = new ArrayList<>();
        for (int i = 0; i < 50_000; i++) {
            vector.add(i / 7f);
        }
        ClassPrototype prototype = new ClassPrototype("cat", vector, 3, 0.5f, 7L, TIME);

        assertThat(SingleObject.decode(SingleObject.encode(prototype), ClassPrototype.class))
                .isEqualTo(prototype);
    }

    static List<byte[]> payloadsWithoutHeader() {
        return List.of(
                new byte[0],
                new byte[] {(byte) 0xC3},
                new byte[] {(byte) 0xC3, 0x01, 1, 2, 3, 4, 5, 6, 7},
                "just a line of text".getBytes(StandardCharsets.UTF_8),
                "{\"id\":\"image-1\",\"label\":\"cat\"}".getBytes(StandardCharsets.UTF_8),
                new byte[] {0, 0, 0, 0, 1, 14, 'i', 'm', 'a', 'g', 'e', '-', '1'},
                new byte[64]);
    }

    @ParameterizedTest
    @MethodSource("payloadsWithoutHeader")
    void whatHasNoHeaderIsRefused(byte[] payload) {
        assertThatExceptionOfType(WireFormatException.class)
                .isThrownBy(() -> SingleObject.decode(payload, LabelledImage.class))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(WireFormatException.Kind.OTHER_FORMAT));
    }

    @Test
    void aMissingPayloadIsRefusedLikeAnEmptyOne() {
        assertThatExceptionOfType(WireFormatException.class)
                .isThrownBy(() -> SingleObject.decode(null, LabelledImage.class))
                .withMessage("The payload is empty");
    }

    @Test
    void aMessageSaysWhatTheBytesAreInsteadOfAHeader() {
        assertThatExceptionOfType(WireFormatException.class)
                .isThrownBy(() -> SingleObject.decode("just a line of text".getBytes(StandardCharsets.UTF_8)))
                .withMessage("The payload starts with 6A 75, not with the C3 01 of Avro's single-object encoding");
    }

    @Test
    void anUnknownSchemaIsNamedByItsFingerprint() {
        byte[] bytes = HexFormat.of().parseHex("c3018877665544332211000000");

        assertThatExceptionOfType(WireFormatException.class)
                .isThrownBy(() -> SingleObject.decode(bytes))
                .withMessageContaining("8877665544332211")
                .satisfies(e -> assertThat(e.kind()).isEqualTo(WireFormatException.Kind.UNKNOWN_SCHEMA));
    }

    @Test
    void aNumberThatIsNoSymbolOfAnEnumIsToldInWords() {
        ImageQuery query =
                new ImageQuery("a", ByteBuffer.wrap(new byte[] {1}), ImageEncoding.PNG, null, null, TIME, Map.of());
        byte[] bytes = SingleObject.encode(query);
        // Behind the header: the id and the image, each a length and one byte.
        bytes[14] = 126; // 63, zig-zag encoded

        assertThatExceptionOfType(WireFormatException.class)
                .isThrownBy(() -> SingleObject.decode(bytes))
                .withMessage(
                        "The payload's ImageQuery cannot be read: the number of an enum's symbol or of a union's type"
                                + " is out of range")
                .satisfies(e -> assertThat(e.kind()).isEqualTo(WireFormatException.Kind.MALFORMED_BODY));
    }

    @Test
    void aRecordOfAnotherTypeIsNamed() {
        byte[] bytes = SingleObject.encode(new ClassPrototype("cat", List.of(1f), 3, 0.5f, 7L, TIME));

        assertThatExceptionOfType(WireFormatException.class)
                .isThrownBy(() -> SingleObject.decode(bytes, LabelledImage.class))
                .withMessage("The payload is a ClassPrototype, not a LabelledImage")
                .satisfies(e -> assertThat(e.kind()).isEqualTo(WireFormatException.Kind.OTHER_RECORD));
    }

    @ParameterizedTest
    @FieldSource("TYPES")
    void aRecordCutAnywhereIsRefused(Class<? extends SpecificRecord> type) {
        byte[] whole = Samples.encoded(type, 1, 45).get(0);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);

            assertThatThrownBy(() -> SingleObject.decode(cut, type)).isInstanceOf(WireFormatException.class);
        }
    }

    @Test
    void trailingBytesAreRefused() {
        byte[] bytes = SingleObject.encode(image());

        assertThatExceptionOfType(WireFormatException.class)
                .isThrownBy(() -> SingleObject.decode(Arrays.copyOf(bytes, bytes.length + 3)))
                .withMessage("The payload's LabelledImage is followed by 3 bytes that do not belong to it");
    }

    @Test
    void textThatIsNotUtf8IsRefusedAndTheReplacementCharacterIsNot() throws WireFormatException {
        LabelledImage image = image();
        image.setId("~~~ \uFFFD");
        byte[] bytes = SingleObject.encode(image);
        assertThat(SingleObject.decode(bytes, LabelledImage.class).getId()).isEqualTo("~~~ \uFFFD");

        bytes[11] = (byte) 0xFF; // the first character of the id
        assertThatExceptionOfType(WireFormatException.class)
                .isThrownBy(() -> SingleObject.decode(bytes, LabelledImage.class))
                .withMessageContaining("UTF-8");
    }

    @Test
    void anIncompleteRecordCannotBeEncodedAndTheNextOneCan() throws WireFormatException {
        LabelledImage incomplete = image();
        incomplete.setLabel(null);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> SingleObject.encode(incomplete))
                .withMessageContaining("LabelledImage")
                .withMessageContaining("label");
        assertThat(SingleObject.decode(SingleObject.encode(image()))).isEqualTo(image());
    }

    @Test
    void threadsDoNotDisturbEachOther() throws Exception {
        List<byte[]> samples = new ArrayList<>();
        TYPES.forEach(type -> samples.addAll(Samples.encoded(type, 50, 46)));
        Callable<Integer> check = () -> {
            int equal = 0;
            for (byte[] sample : samples) {
                SpecificRecord record = SingleObject.decode(sample);
                if (SingleObject.decode(SingleObject.encode(record)).equals(record)) {
                    equal++;
                }
            }
            return equal;
        };
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            for (Future<Integer> equal : threads.invokeAll(List.of(check, check, check, check))) {
                assertThat(equal.get()).isEqualTo(samples.size());
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aLargeRecordIsEncodedToo() throws WireFormatException {
        LabelledImage image = image();
        image.setImage(ByteBuffer.allocate(20_000_000));

        assertThat(SingleObject.decode(SingleObject.encode(image))).isEqualTo(image);
        assertThat(SingleObject.decode(SingleObject.encode(image()))).isEqualTo(image());
    }

    private static LabelledImage image() {
        return LabelledImage.newBuilder()
                .setId("image-1")
                .setLabel("cat")
                .setImage(ByteBuffer.wrap(new byte[] {1, 2, 3}))
                .setEncoding(ImageEncoding.PNG)
                .setEventTime(TIME)
                .setAttributes(Map.of("camera", "Süd 3"))
                .build();
    }

    private static BinaryMessageDecoder<SpecificRecord> twinDecoder(Class<? extends SpecificRecord> type)
            throws IOException {
        Schema schema = SpecificData.get().getSchema(type);
        return new BinaryMessageDecoder<>(SpecificData.getForClass(type), schema);
    }
}
