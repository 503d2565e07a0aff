package io.contrastream.operators.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.learner.Example;
import io.contrastream.schemas.ImageEncoding;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.SingleObject;
import io.contrastream.testing.JavaText;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records damaged at random, thousands of them: each is either decoded or rejected. */
class DecodeFuzzTest {

    private static final ImageShape INPUT = new ImageShape(3, 8, 8);
    private static final ExampleDecoder DECODER = decoder(false);
    private static final ExampleDecoder LENIENT = decoder(true);

    private static ExampleDecoder decoder(boolean cutOff) {
        return new ExampleDecoder(
                new DecodeOptions(INPUT, 1 << 16, 1 << 16, 64, new Reading(true, true, 0x102030, cutOff)));
    }

    private static List<LabelledImage> sources() throws Exception {
        List<LabelledImage> sources = new ArrayList<>(plain());
        for (String name : List.of(
                "cmyk.jpg",
                "ycck-progressive.jpg",
                "orientation-6.jpg",
                "no-end-trailer.jpg",
                "lossy-75-31x47.webp",
                "lossy-alpha-40x33.webp",
                "lossless-13x9.webp",
                "lossless-4-colours.webp",
                "animated.webp",
                "plain-13x9.gif",
                "offset-transparent.gif",
                "24-13x9.bmp",
                "rle-8-absolute.bmp",
                "rle-4.bmp",
                "16-565.bmp",
                "RGB-lzw.tif",
                "CMYK-packbits.tif",
                "predictor-16.tif",
                "tiles-deflate.tif",
                "planar-strips-lzw.tif")) {
            byte[] image = GoldenImages.file(name);
            sources.add(Images.record(image, ImageFormat.of(image).orElseThrow().encoding()));
        }
        return sources;
    }

    private static List<LabelledImage> plain() throws Exception {
        return List.of(
                Images.record(Images.png(Images.colour(20, 10, 1)), ImageEncoding.PNG),
                Images.record(Images.interlacedPng(Images.colour(20, 10, 2)), ImageEncoding.PNG),
                Images.record(resource("palette-8-transparent.png"), ImageEncoding.PNG),
                Images.record(resource("grey-1.png"), ImageEncoding.PNG),
                Images.record(resource("rgba-16.png"), ImageEncoding.PNG),
                Images.record(Images.jpeg(Images.colour(20, 10, 3)), ImageEncoding.JPEG),
                Images.record(resource("colour-progressive.jpg"), ImageEncoding.JPEG),
                Images.record(resource("colour-restarts.jpg"), ImageEncoding.JPEG),
                Images.record(resource("colour-exif.jpg"), ImageEncoding.JPEG),
                Images.record("raw", "label", new byte[3 * 4 * 5], ImageEncoding.RAW_PLANAR_RGB8, 4, 5));
    }

    private static byte[] resource(String name) throws Exception {
        try (InputStream resource = DecodeFuzzTest.class.getResourceAsStream("pillow/" + name)) {
            return resource.readAllBytes();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void decodesOrRejectsWhateverComes(long seed) throws Exception {
        Random random = new Random(seed);
        List<LabelledImage> sources = sources();
        Map<RejectReason, Integer> rejected = new EnumMap<>(RejectReason.class);
        int decoded = 0;
        for (int i = 0; i < 9000; i++) {
            LabelledImage source = sources.get(i % sources.size());
            byte[] value = random.nextInt(4) == 0
                    ? damaged(SingleObject.encode(source), random)
                    : SingleObject.encode(damagedImage(source, random));
            if (i % 3 == 0) {
                requireThatOnlyACutIsAccepted(value);
            }
            try {
                Example example = DECODER.decode(value);
                assertThat(example.pixels()).hasSize(INPUT.size());
                assertThat(example.id()).isNotEmpty();
                assertThat(example.label()).isNotEmpty();
                decoded++;
            } catch (Rejection rejection) {
                assertThat(rejection.getMessage()).isNotBlank();
                assertThat(JavaText.in(rejection.getMessage()))
                        .as(rejection.getMessage())
                        .isEmpty();
                rejected.merge(rejection.reason(), 1, Integer::sum);
            }
        }
        // The fuzz is of use only if it gets to every layer.
        assertThat(decoded).isPositive();
        assertThat(rejected)
                .containsKeys(
                        RejectReason.MALFORMED_RECORD,
                        RejectReason.ENCODING_MISMATCH,
                        RejectReason.TRUNCATED_IMAGE,
                        RejectReason.CORRUPT_IMAGE,
                        RejectReason.UNSUPPORTED_IMAGE,
                        RejectReason.TOO_MANY_PIXELS,
                        RejectReason.INVALID_SIZE);
    }

    /** One who takes images that are cut off takes no others than one who does not, and makes the same of all that are whole. */
    private static void requireThatOnlyACutIsAccepted(byte[] value) {
        Object strict = outcome(DECODER, value);
        Object lenient = outcome(LENIENT, value);
        if (strict != RejectReason.TRUNCATED_IMAGE) {
            assertThat(lenient).isEqualTo(strict);
        }
    }

    /** The pixels, or why there are none. */
    private static Object outcome(ExampleDecoder decoder, byte[] value) {
        try {
            return ByteBuffer.wrap(decoder.decode(value).pixels());
        } catch (Rejection rejection) {
            return rejection.reason();
        }
    }

    private static LabelledImage damagedImage(LabelledImage source, Random random) {
        byte[] image = source.getImage().array();
        byte[] damaged = damaged(image, random);
        if (source.getEncoding() == ImageEncoding.PNG && random.nextBoolean()) {
            repairCheckSums(damaged);
        }
        return Images.record(
                source.getId(),
                source.getLabel(),
                damaged,
                source.getEncoding(),
                source.getWidth(),
                source.getHeight());
    }

    /** Some bytes changed, or a part left out, doubled or cut off. */
    private static byte[] damaged(byte[] bytes, Random random) {
        byte[] damaged = bytes.clone();
        int at = random.nextInt(bytes.length);
        int length = Math.min(bytes.length - at, 1 + random.nextInt(16));
        switch (random.nextInt(6)) {
            case 0 -> damaged = Arrays.copyOf(bytes, at);
            case 1 -> {
                damaged = new byte[bytes.length - length];
                System.arraycopy(bytes, 0, damaged, 0, at);
                System.arraycopy(bytes, at + length, damaged, at, bytes.length - at - length);
            }
            case 2 -> {
                damaged = new byte[bytes.length + length];
                System.arraycopy(bytes, 0, damaged, 0, at + length);
                System.arraycopy(bytes, at, damaged, at + length, bytes.length - at);
            }
            case 3 -> Arrays.fill(damaged, at, at + length, (byte) (random.nextBoolean() ? 0xFF : 0));
            default -> {
                for (int i = 0; i < length; i++) {
                    damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
                }
            }
        }
        return damaged;
    }

    /** Puts right check sums behind the chunks of a PNG as far as they can be followed, so that the damage gets to the decoder. */
    private static void repairCheckSums(byte[] png) {
        java.nio.ByteBuffer chunks = java.nio.ByteBuffer.wrap(png);
        int at = 8;
        while (at + 12 <= png.length) {
            int length = chunks.getInt(at);
            if (length < 0 || length > png.length - at - 12) {
                return;
            }
            java.util.zip.CRC32 crc = new java.util.zip.CRC32();
            crc.update(png, at + 4, length + 4);
            chunks.putInt(at + 8 + length, (int) crc.getValue());
            at += length + 12;
        }
    }
}
