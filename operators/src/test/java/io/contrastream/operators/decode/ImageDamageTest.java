package io.contrastream.operators.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.contrastream.learning.image.ImageShape;
import io.contrastream.testing.JavaText;
import io.contrastream.testing.PngBytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Images with more pixels than they declare, and damaged ones, which a reader who takes cut-off images does not take either. */
class ImageDamageTest {

    private static final byte[] PNG = GoldenImages.file("type-2-8-33x20.png");
    private static final byte[] JPEG = GoldenImages.file("420-40x33.jpg");
    private static final byte[] PROGRESSIVE = GoldenImages.file("progressive-40x33.jpg");
    private static final byte[] GIF = GoldenImages.file("plain-40x33.gif");
    private static final byte[] INTERLACED_GIF = GoldenImages.file("interlaced-40x33.gif");

    private static Pixels read(byte[] image, boolean cutOffAllowed) throws Rejection {
        Reading reading = new Reading(true, true, 0xFFFFFF, cutOffAllowed);
        return new ImageDecoder(new DecodeOptions(new ImageShape(3, 8, 8), 1 << 20, 1 << 20, 64, reading))
                .decode(EncodedImage.of(
                        Images.record(image, ImageFormat.of(image).orElseThrow().encoding())));
    }

    private static void requireCorrupt(byte[] image, boolean cutOffAllowed, String message) {
        Rejection rejection = catchThrowableOfType(Rejection.class, () -> read(image, cutOffAllowed));
        assertThat(rejection).as("cut-off images allowed: " + cutOffAllowed).isNotNull();
        assertThat(rejection.reason()).as(rejection.getMessage()).isEqualTo(RejectReason.CORRUPT_IMAGE);
        assertThat(rejection).hasMessageContaining(message);
        assertThat(JavaText.in(rejection.getMessage()))
                .as(rejection.getMessage())
                .isEmpty();
    }

    static Stream<Arguments> tooManyPixels() {
        byte[] header = PngBytes.header(4, 2, 8, 2);
        String png = "it has more pixels than the 4 x 2 that its header declares";
        String gif = "its first frame has more than the 400 pixels that its header declares";
        String bmp = "its runs go beyond the ";
        String tiff = "bytes that its header declares";
        return Stream.of(
                arguments("PNG, a byte", PngBytes.of(header, PngBytes.data(new byte[2 * 13 + 1]), PngBytes.end()), png),
                arguments("PNG, a row", PngBytes.of(header, PngBytes.data(new byte[3 * 13]), PngBytes.end()), png),
                arguments("PNG, 10 MB", PngBytes.of(header, PngBytes.data(new byte[10_000_000]), PngBytes.end()), png),
                arguments("GIF", gifOfHeight(GIF, 10), gif),
                arguments("GIF, interlaced", gifOfHeight(INTERLACED_GIF, 10), gif),
                arguments("GIF, one row", gifOfHeight(GIF, 32), "more than the 1280 pixels"),
                arguments("BMP, runs of 8 bits", bmpOf("rle-8.bmp", 13, 7), bmp + "13 x 7"),
                arguments("BMP, runs of 8 bits, a long row", bmpOf("rle-8.bmp", 12, 9), bmp + "12 x 9"),
                arguments("BMP, plain numbers among runs", bmpOf("rle-8-absolute.bmp", 13, 8), bmp + "13 x 8"),
                arguments("BMP, a long row of them", bmpOf("rle-8-absolute.bmp", 10, 9), bmp + "10 x 9"),
                arguments("BMP, runs of 4 bits", bmpOf("rle-4.bmp", 13, 3), bmp + "13 x 3"),
                arguments("BMP, runs of 4 bits, a long row", bmpOf("rle-4.bmp", 11, 9), bmp + "11 x 9"),
                arguments("TIFF, LZW", tiffOfHeight("RGB-lzw.tif", 10), tiff),
                arguments("TIFF, deflate", tiffOfHeight("RGB-adobe_deflate.tif", 10), tiff),
                arguments("TIFF, PackBits", tiffOfHeight("RGB-packbits.tif", 10), tiff),
                arguments("TIFF, one row of LZW", tiffOfHeight("RGB-lzw.tif", 32), tiff),
                arguments("TIFF, one row of deflate", tiffOfHeight("RGB-adobe_deflate.tif", 32), tiff),
                arguments("TIFF, one row of PackBits", tiffOfHeight("RGB-packbits.tif", 32), tiff));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tooManyPixels")
    void pixelsBeyondWhatTheHeaderDeclaresAreRejected(String what, byte[] image, String message) {
        requireCorrupt(image, false, message);
        requireCorrupt(image, true, message);
    }

    static Stream<Arguments> damaged() {
        byte[] header = PngBytes.header(4, 2, 8, 2);
        byte[] deflated = PngBytes.deflated(noise(2 * 13));
        byte[] lzw = GoldenImages.file("RGB-lzw.tif");
        byte[] inflated = GoldenImages.file("RGB-adobe_deflate.tif");
        int scan = scan(JPEG, 1);
        return Stream.of(
                arguments("PNG, a check sum", garbled(PNG, PNG.length - 60, 4), "check sum"),
                arguments(
                        "PNG, the compressed pixels",
                        PngBytes.of(header, PngBytes.chunk("IDAT", garbled(deflated, 2, 4)), PngBytes.end()),
                        "cannot be inflated"),
                arguments(
                        "PNG, their check sum",
                        PngBytes.of(
                                header,
                                PngBytes.chunk("IDAT", garbled(deflated, deflated.length - 3, 2)),
                                PngBytes.end()),
                        "cannot be inflated"),
                arguments(
                        "PNG, a row less than declared",
                        PngBytes.of(header, PngBytes.data(new byte[13]), PngBytes.end()),
                        "fewer pixels"),
                arguments(
                        "PNG, a filter",
                        PngBytes.of(header, PngBytes.data(filled(2 * 13, 9)), PngBytes.end()),
                        "unknown filter 9"),
                arguments("JPEG, among its pixels", withOnes(JPEG, scan + 60), "Huffman"),
                arguments("JPEG, ends early and has its end", cutWithEnd(JPEG, scan + 80), "pixels end before"),
                arguments("JPEG, a scan less", withoutPixelsOfScan(PROGRESSIVE, 2), "pixels end before"),
                arguments("JPEG, no quantisation table", without(JPEG, 0xDB), "quantisation table"),
                arguments("GIF, codes", garbled(GIF, GIF.length - 700, 3), "before what it stands for"),
                arguments("GIF, fewer rows than declared", gifOfHeight(GIF, 40), "1320 pixels"),
                arguments("GIF, no rows", gifOfHeight(GIF, 0), "each must be at least 1"),
                arguments("BMP, fewer rows than declared", bmpOf("rle-8.bmp", 13, 12), "runs end in row 10 of 12"),
                arguments("BMP, no width", bmpOf("24-13x9.bmp", 0, 9), "each must be at least 1"),
                arguments("BMP, pixels within the header", filled(bmpOf("24-13x9.bmp", 13, 9), 10, 1, 20), "header"),
                arguments("TIFF, LZW codes", garbled(lzw, 60, 8), "before what it stands for"),
                arguments("TIFF, deflated pixels", garbled(inflated, 60, 8), "cannot be inflated"),
                arguments("TIFF, fewer rows than declared", tiffOfHeight("RGB-packbits.tif", 40), "but needs"),
                arguments("WebP, lossy", webP("lossy-75-31x47.webp", 20, 3), "its pixels do not start as VP8 does"),
                arguments("WebP, lossless", webP("lossless-31x47.webp", 26, 12), "WebP image is damaged"),
                arguments("WebP, size", webP("lossy-alpha-40x33.webp", 24, 1), "but its header declares"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("damaged")
    void whatIsDamagedIsRejectedThoughCutOffImagesAreAccepted(String what, byte[] image, String message) {
        requireCorrupt(image, false, message);
        requireCorrupt(image, true, message);
    }

    static Stream<String> whole() {
        return Stream.of(
                "type-2-8-33x20.png",
                "type-3-4-33x20-interlaced.png",
                "split.png",
                "420-40x33.jpg",
                "progressive-40x33.jpg",
                "restarts.jpg",
                "cmyk.jpg",
                "grey-40x33.jpg",
                "plain-40x33.gif",
                "interlaced-40x33.gif",
                "24-40x33.bmp",
                "8-40x33.bmp",
                "RGB-raw.tif",
                "RGB-lzw.tif",
                "RGB-adobe_deflate.tif",
                "RGB-packbits.tif",
                "tiles-deflate.tif");
    }

    /** Where its directory is at its end, a TIFF that is cut off is none. */
    private static int cuts(byte[] image) {
        return ImageFormat.of(image).orElseThrow() == ImageFormat.TIFF ? 0 : 12;
    }

    @ParameterizedTest
    @MethodSource("whole")
    void whatIsCutOffAnywhereIsAcceptedOnlyIfThatIsAllowed(String name) throws Exception {
        byte[] image = GoldenImages.file(name);
        Pixels whole = read(image, true);
        assertThat(whole.planar()).isEqualTo(read(image, false).planar());
        int start = image.length * 2 / 3;
        for (int i = 0; i < cuts(image); i++) {
            byte[] cut = Arrays.copyOf(image, start + i * (image.length - start - 4) / 12);

            Rejection rejection = catchThrowableOfType(Rejection.class, () -> read(cut, false));

            assertThat(rejection.reason()).isEqualTo(RejectReason.TRUNCATED_IMAGE);
            assertThatCode(() -> read(cut, true))
                    .as("cut to %d bytes", cut.length)
                    .doesNotThrowAnyException();
        }
    }

    static Stream<Arguments> cutOffTiffs() {
        return Stream.of("RGB-raw.tif", "RGB-lzw.tif", "RGB-adobe_deflate.tif", "RGB-packbits.tif")
                .map(name -> arguments(name, directoryFirst(GoldenImages.file(name))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cutOffTiffs")
    void aTiffThatIsCutOffIsReadUpToThere(String name, byte[] image) throws Exception {
        byte[] pixels = read(image, false).planar();
        assertThat(pixels).isEqualTo(read(GoldenImages.file(name), false).planar());
        byte[] cut = Arrays.copyOf(image, image.length - 1000);

        assertThat(catchThrowableOfType(Rejection.class, () -> read(cut, false)).reason())
                .isEqualTo(RejectReason.TRUNCATED_IMAGE);
        assertThat(Arrays.copyOf(read(cut, true).planar(), 40 * 15)).isEqualTo(Arrays.copyOf(pixels, 40 * 15));
        if (name.contains("lzw") || name.contains("deflate")) {
            requireCorrupt(garbled(cut, GoldenImages.file(name).length + 2, 8), true, "a strip or tile");
        }
    }

    static Stream<Arguments> cutOffAndDamaged() {
        byte[] progressive = withoutPixelsOfScan(PROGRESSIVE, 2);
        return Stream.of(
                arguments("PNG", Arrays.copyOf(garbled(PNG, 43, 8), PNG.length - 40), "inflated"),
                arguments("JPEG", Arrays.copyOf(withOnes(JPEG, scan(JPEG, 1) + 60), JPEG.length - 40), "Huffman"),
                arguments("progressive JPEG", Arrays.copyOf(progressive, progressive.length - 10), "pixels end before"),
                arguments("GIF", Arrays.copyOf(garbled(GIF, GIF.length - 700, 3), GIF.length - 40), "stands for"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cutOffAndDamaged")
    void whatIsDamagedBeforeTheCutIsRejected(String what, byte[] image, String message) {
        assertThat(catchThrowableOfType(Rejection.class, () -> read(image, false))
                        .reason())
                .isEqualTo(RejectReason.TRUNCATED_IMAGE);
        requireCorrupt(image, true, message);
    }

    private static byte[] noise(int size) {
        byte[] noise = new byte[size];
        new java.util.Random(size).nextBytes(noise);
        for (int i = 0; i < size; i += 13) {
            noise[i] = 0;
        }
        return noise;
    }

    private static byte[] filled(int size, int value) {
        return filled(new byte[size], 0, size, value);
    }

    private static byte[] filled(byte[] image, int at, int length, int value) {
        byte[] filled = image.clone();
        Arrays.fill(filled, at, at + length, (byte) value);
        return filled;
    }

    /** Ones among the pixels of a JPEG, which are no code of any table. */
    private static byte[] withOnes(byte[] jpeg, int at) {
        byte[] changed = jpeg.clone();
        for (int i = at; i < at + 20; i += 2) {
            changed[i] = (byte) 0xFF;
            changed[i + 1] = 0;
        }
        return changed;
    }

    private static byte[] garbled(byte[] image, int at, int length) {
        byte[] garbled = image.clone();
        for (int i = at; i < at + length; i++) {
            garbled[i] ^= 0x5A;
        }
        return garbled;
    }

    private static byte[] webP(String name, int at, int length) {
        return garbled(GoldenImages.file(name), at, length);
    }

    private static byte[] gifOfHeight(byte[] gif, int height) {
        byte[] changed = gif.clone();
        ByteBuffer bytes = ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN);
        String text = new String(gif, StandardCharsets.ISO_8859_1);
        int frame = text.indexOf(",\0\0\0\0(\0!\0");
        bytes.putShort(8, (short) height);
        bytes.putShort(frame + 7, (short) height);
        return changed;
    }

    private static byte[] bmpOf(String name, int width, int height) {
        byte[] changed = GoldenImages.file(name).clone();
        ByteBuffer.wrap(changed)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(18, width)
                .putInt(22, height);
        return changed;
    }

    private static byte[] tiffOfHeight(String name, int height) {
        byte[] changed = GoldenImages.file(name).clone();
        ByteBuffer bytes = ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN);
        int directory = bytes.getInt(4);
        for (int i = 0; i < bytes.getShort(directory); i++) {
            int entry = directory + 2 + 12 * i;
            int tag = bytes.getShort(entry);
            if (tag == 257 || tag == 278) {
                bytes.putShort(entry + 2, (short) 4).putInt(entry + 8, height);
            }
        }
        return changed;
    }

    /** With its one strip behind its directory, if it is before it. */
    private static byte[] directoryFirst(byte[] tiff) {
        ByteBuffer bytes = ByteBuffer.wrap(tiff).order(ByteOrder.LITTLE_ENDIAN);
        int directory = bytes.getInt(4);
        if (directory == 8) {
            return tiff;
        }
        byte[] moved = Arrays.copyOf(tiff, tiff.length + directory - 8);
        System.arraycopy(tiff, 8, moved, tiff.length, directory - 8);
        ByteBuffer changed = ByteBuffer.wrap(moved).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < bytes.getShort(directory); i++) {
            int entry = directory + 2 + 12 * i;
            if (bytes.getShort(entry) == 273) {
                changed.putShort(entry + 2, (short) 4).putInt(entry + 8, tiff.length);
            }
        }
        return moved;
    }

    /** Position of the marker of a scan, counted from 1. */
    private static int scan(byte[] jpeg, int number) {
        int seen = 0;
        for (int i = 2; i < jpeg.length; i++) {
            if ((jpeg[i] & 0xFF) == 0xFF && (jpeg[i + 1] & 0xFF) == 0xDA && ++seen == number) {
                return i;
            }
        }
        throw new AssertionError("no scan " + number);
    }

    /** Half of a scan's pixels are left out; what follows is there. */
    private static byte[] withoutPixelsOfScan(byte[] jpeg, int number) {
        int scan = scan(jpeg, number);
        int pixels = scan + 2 + jpeg[scan + 3];
        int end = pixels;
        while ((jpeg[end] & 0xFF) != 0xFF || jpeg[end + 1] == 0) {
            end++;
        }
        int kept = pixels + (end - pixels) / 2;
        byte[] without = Arrays.copyOf(jpeg, jpeg.length - end + kept);
        System.arraycopy(jpeg, end, without, kept, jpeg.length - end);
        return without;
    }

    private static byte[] cutWithEnd(byte[] jpeg, int at) {
        byte[] cut = Arrays.copyOf(jpeg, at + 2);
        cut[at] = (byte) 0xFF;
        cut[at + 1] = (byte) 0xD9;
        return cut;
    }

    /** Without all segments of a marker. */
    private static byte[] without(byte[] jpeg, int marker) {
        ByteBuffer kept = ByteBuffer.allocate(jpeg.length).put(jpeg, 0, 2);
        int at = 2;
        while ((jpeg[at + 1] & 0xFF) != 0xDA) {
            int length = 2 + (((jpeg[at + 2] & 0xFF) << 8) | (jpeg[at + 3] & 0xFF));
            if ((jpeg[at + 1] & 0xFF) != marker) {
                kept.put(jpeg, at, length);
            }
            at += length;
        }
        return Arrays.copyOf(kept.put(jpeg, at, jpeg.length - at).array(), kept.position());
    }
}
