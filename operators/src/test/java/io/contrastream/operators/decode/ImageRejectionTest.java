package io.contrastream.operators.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.contrastream.learning.image.ImageShape;
import io.contrastream.schemas.ImageEncoding;
import io.contrastream.testing.PngBytes;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageRejectionTest {

    private static final int MOST_PIXELS = 1_000_000;
    private static final ImageDecoder DECODER =
            new ImageDecoder(new DecodeOptions(new ImageShape(3, 32, 32), 1 << 20, MOST_PIXELS, 64));
    private static final BufferedImage IMAGE = Images.colour(40, 30, 1);
    private static final byte[] PNG = Images.png(IMAGE);
    private static final byte[] JPEG = Images.jpeg(IMAGE);

    private static Rejection rejection(ImageEncoding encoding, byte[] image) {
        return catchThrowableOfType(
                Rejection.class, () -> DECODER.decode(EncodedImage.of(Images.record(image, encoding))));
    }

    private static byte[] concatenated(byte[]... parts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Arrays.stream(parts).forEach(bytes::writeBytes);
        return bytes.toByteArray();
    }

    private static byte[] changed(byte[] bytes, int at, int value) {
        byte[] changed = bytes.clone();
        changed[at] = (byte) value;
        return changed;
    }

    /** Position of the marker's second byte. */
    private static int marker(byte[] jpeg, int marker) {
        for (int i = 2; i < jpeg.length; i++) {
            if ((jpeg[i - 1] & 0xFF) == 0xFF && (jpeg[i] & 0xFF) == marker) {
                return i;
            }
        }
        throw new AssertionError("no marker " + marker);
    }

    private static int lastMarker(byte[] jpeg, int marker) {
        for (int i = jpeg.length - 1; i > 0; i--) {
            if ((jpeg[i - 1] & 0xFF) == 0xFF && (jpeg[i] & 0xFF) == marker) {
                return i;
            }
        }
        throw new AssertionError("no marker " + marker);
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream resource = ImageRejectionTest.class.getResourceAsStream("pillow/" + name)) {
            return resource.readAllBytes();
        }
    }

    static Stream<Arguments> badPngs() {
        byte[] header = PngBytes.header(4, 2, 8, 2);
        byte[] data = PngBytes.data(new byte[2 * 13]);
        return Stream.of(
                arguments("text", text(), RejectReason.ENCODING_MISMATCH, "encoding is PNG"),
                arguments("a JPEG", JPEG, RejectReason.ENCODING_MISMATCH, "starts as a JPEG does"),
                arguments("nothing", new byte[0], RejectReason.EMPTY_IMAGE, "0 bytes"),
                arguments("the signature alone", PngBytes.of(), RejectReason.TRUNCATED_IMAGE, "IEND"),
                arguments(
                        "a cut in the pixels",
                        Arrays.copyOf(PNG, PNG.length / 2),
                        RejectReason.TRUNCATED_IMAGE,
                        "cut off in chunk IDAT"),
                arguments("no end", Arrays.copyOf(PNG, PNG.length - 12), RejectReason.TRUNCATED_IMAGE, "IEND"),
                arguments(
                        "100,000 x 100,000",
                        PngBytes.of(PngBytes.header(100_000, 100_000, 8, 2), data, PngBytes.end()),
                        RejectReason.TOO_MANY_PIXELS,
                        "declares 100000 x 100000 pixels; at most 1000000 are allowed"),
                arguments(
                        "a size whose product overflows",
                        PngBytes.of(PngBytes.header(1 << 30, 1 << 30, 8, 2), data, PngBytes.end()),
                        RejectReason.TOO_MANY_PIXELS,
                        "at most 1000000"),
                arguments(
                        "a height that resizing cannot bear",
                        PngBytes.of(PngBytes.header(1, 900_000, 8, 2), data, PngBytes.end()),
                        RejectReason.TOO_MANY_PIXELS,
                        "height of 900000"),
                arguments(
                        "no pixels",
                        PngBytes.of(PngBytes.header(0, 5, 8, 2), data, PngBytes.end()),
                        RejectReason.CORRUPT_IMAGE,
                        "declares 0 x 5 pixels"),
                arguments(
                        "a negative size",
                        PngBytes.of(PngBytes.header(-1, 5, 8, 2), data, PngBytes.end()),
                        RejectReason.CORRUPT_IMAGE,
                        "4294967295 x 5"),
                arguments(
                        "a bit depth that is none",
                        PngBytes.of(PngBytes.header(4, 2, 7, 2), data, PngBytes.end()),
                        RejectReason.CORRUPT_IMAGE,
                        "PNG image is damaged"),
                arguments(
                        "a palette image without a palette",
                        PngBytes.of(PngBytes.header(4, 2, 8, 3), data, PngBytes.end()),
                        RejectReason.CORRUPT_IMAGE,
                        "PNG image is damaged"),
                arguments(
                        "fewer rows than declared",
                        PngBytes.of(header, PngBytes.data(new byte[13]), PngBytes.end()),
                        RejectReason.CORRUPT_IMAGE,
                        "PNG image is damaged"),
                arguments(
                        "more rows than declared",
                        PngBytes.of(header, PngBytes.data(new byte[2 * 13 + 1]), PngBytes.end()),
                        RejectReason.CORRUPT_IMAGE,
                        "it has more pixels than the 4 x 2 that its header declares"),
                arguments(
                        "100 MB behind its pixels",
                        PngBytes.of(header, PngBytes.data(new byte[100_000_000]), PngBytes.end()),
                        RejectReason.CORRUPT_IMAGE,
                        "it has more pixels than the 4 x 2 that its header declares"),
                arguments(
                        "pixels that are not compressed",
                        PngBytes.of(header, PngBytes.chunk("IDAT", text()), PngBytes.end()),
                        RejectReason.CORRUPT_IMAGE,
                        "PNG image is damaged"),
                arguments(
                        "no pixel chunk",
                        PngBytes.of(header, PngBytes.end()),
                        RejectReason.CORRUPT_IMAGE,
                        "no chunk IDAT"),
                arguments("no header", PngBytes.of(data, PngBytes.end()), RejectReason.CORRUPT_IMAGE, "must be IHDR"),
                arguments(
                        "a second header",
                        PngBytes.of(header, PngBytes.header(2, 2, 8, 2), data, PngBytes.end()),
                        RejectReason.CORRUPT_IMAGE,
                        "more than one chunk IHDR"),
                arguments(
                        "a wrong check sum",
                        changed(PNG, PNG.length - 20, PNG[PNG.length - 20] + 1),
                        RejectReason.CORRUPT_IMAGE,
                        "check sum of chunk IDAT"),
                arguments(
                        "an unknown critical chunk",
                        PngBytes.of(header, PngBytes.chunk("CgBI", new byte[4]), data, PngBytes.end()),
                        RejectReason.UNSUPPORTED_IMAGE,
                        "CgBI"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badPngs")
    void rejectsAPngThatIsNotOne(String what, byte[] image, RejectReason reason, String message) {
        Rejection rejection = rejection(ImageEncoding.PNG, image);

        assertThat(rejection).as(what).isNotNull();
        assertThat(rejection.reason()).isEqualTo(reason);
        assertThat(rejection).hasMessageContaining(message);
    }

    static Stream<Arguments> badJpegs() throws IOException {
        int frame = marker(JPEG, 0xC0);
        int scan = marker(JPEG, 0xDA);
        byte[] progressive = resource("colour-progressive.jpg");
        int lastScan = lastMarker(progressive, 0xDA);
        byte[] manyScans = concatenated(
                Arrays.copyOf(progressive, progressive.length - 2),
                concatenated(
                        Stream.generate(() -> Arrays.copyOfRange(progressive, lastScan - 1, progressive.length - 2))
                                .limit(100)
                                .toArray(byte[][]::new)),
                new byte[] {(byte) 0xFF, (byte) 0xD9});
        return Stream.of(
                arguments("text", text(), RejectReason.ENCODING_MISMATCH, "encoding is JPEG"),
                arguments("a PNG", PNG, RejectReason.ENCODING_MISMATCH, "starts as a PNG does"),
                arguments("three bytes", Arrays.copyOf(JPEG, 3), RejectReason.TRUNCATED_IMAGE, "after 3 bytes"),
                arguments(
                        "a cut in the pixels",
                        Arrays.copyOf(JPEG, JPEG.length - 20),
                        RejectReason.TRUNCATED_IMAGE,
                        "without its end marker"),
                arguments("a cut in the header", Arrays.copyOf(JPEG, frame + 4), RejectReason.TRUNCATED_IMAGE, "JPEG"),
                arguments(
                        "a cut with an end marker behind it",
                        concatenated(Arrays.copyOf(JPEG, scan + 60), new byte[] {(byte) 0xFF, (byte) 0xD9}),
                        RejectReason.CORRUPT_IMAGE,
                        "damaged"),
                arguments(
                        "65,535 x 65,535",
                        changed(
                                changed(changed(changed(JPEG, frame + 4, 0xFF), frame + 5, 0xFF), frame + 6, 0xFF),
                                frame + 7,
                                0xFF),
                        RejectReason.TOO_MANY_PIXELS,
                        "declares 65535 x 65535 pixels"),
                arguments("12 bits a sample", changed(JPEG, frame + 3, 12), RejectReason.UNSUPPORTED_IMAGE, "12 bits"),
                arguments("lossless", changed(JPEG, frame, 0xC3), RejectReason.UNSUPPORTED_IMAGE, "FFC3"),
                arguments("arithmetic coding", changed(JPEG, frame, 0xC9), RejectReason.UNSUPPORTED_IMAGE, "FFC9"),
                arguments("a hundred scans too many", manyScans, RejectReason.UNSUPPORTED_IMAGE, "100 scans"),
                arguments(
                        "two frames",
                        concatenated(
                                Arrays.copyOf(JPEG, scan - 1),
                                Arrays.copyOfRange(JPEG, frame - 1, frame + 18),
                                Arrays.copyOfRange(JPEG, scan - 1, JPEG.length)),
                        RejectReason.CORRUPT_IMAGE,
                        "more than one frame"),
                arguments(
                        "nothing between start and end",
                        new byte[] {(byte) 0xFF, (byte) 0xD8, (byte) 0xFF, (byte) 0xD9},
                        RejectReason.CORRUPT_IMAGE,
                        "no scan"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badJpegs")
    void rejectsAJpegThatIsNotOne(String what, byte[] image, RejectReason reason, String message) {
        Rejection rejection = rejection(ImageEncoding.JPEG, image);

        assertThat(rejection).as(what).isNotNull();
        assertThat(rejection.reason()).isEqualTo(reason);
        assertThat(rejection).hasMessageContaining(message);
    }

    @Test
    void rejectsAnImageOfMoreBytesThanAllowed() {
        Rejection rejection = rejection(ImageEncoding.PNG, Arrays.copyOf(PNG, (1 << 20) + 1));

        assertThat(rejection.reason()).isEqualTo(RejectReason.IMAGE_TOO_LARGE);
        assertThat(rejection).hasMessage("image has 1048577 bytes; at most 1048576 are allowed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"null,4", "5,null", "0,4", "-5,-4", "5,5", "2147483647,2147483647"})
    void rejectsRawPixelsOfAnotherSizeThanDeclared(String size) {
        Integer width = integer(size.split(",", -1)[0]);
        Integer height = integer(size.split(",", -1)[1]);

        Rejection rejection = catchThrowableOfType(
                Rejection.class,
                () -> DECODER.decode(EncodedImage.of(
                        Images.record("id", "label", new byte[60], ImageEncoding.RAW_PLANAR_RGB8, width, height))));

        assertThat(rejection.reason()).isIn(RejectReason.INVALID_SIZE, RejectReason.TOO_MANY_PIXELS);
        assertThat(rejection.getMessage()).contains(String.valueOf(width)).contains(String.valueOf(height));
    }

    @Test
    void neverInflatesWhatHidesInTheMetadataOfAPng() throws Exception {
        // 256 MiB of zeros, in a chunk of text and in a profile; a palette image is one whose metadata the JDK would
        // read.
        byte[] bomb = PngBytes.deflated(new byte[256 << 20]);
        byte[] text = concatenated("comment\0\0".getBytes(StandardCharsets.ISO_8859_1), bomb);
        byte[] png = PngBytes.of(
                PngBytes.header(4, 2, 8, 3),
                PngBytes.chunk("iCCP", text),
                PngBytes.chunk("zTXt", text),
                PngBytes.chunk("PLTE", new byte[] {1, 2, 3, 4, 5, 6}),
                PngBytes.data(new byte[] {0, 0, 1, 0, 1, 0, 1, 1, 1, 0}),
                PngBytes.end());
        com.sun.management.ThreadMXBean threads =
                (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
        DECODER.decode(EncodedImage.of(Images.record(PNG, ImageEncoding.PNG)));
        long before = threads.getCurrentThreadAllocatedBytes();

        Pixels pixels = DECODER.decode(EncodedImage.of(Images.record(png, ImageEncoding.PNG)));

        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(16L << 20);
        assertThat(pixels.planar())
                .containsExactly(1, 4, 1, 4, 4, 4, 4, 1, 2, 5, 2, 5, 5, 5, 5, 2, 3, 6, 3, 6, 6, 6, 6, 3);
    }

    private static Integer integer(String text) {
        return text.equals("null") ? null : Integer.valueOf(text);
    }

    private static byte[] text() {
        return "not an image, but a few words of text".getBytes(StandardCharsets.UTF_8);
    }
}
