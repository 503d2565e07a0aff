package io.contrastream.operators.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.learning.image.ImageShape;
import io.contrastream.schemas.ImageEncoding;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageDecoderTest {

    /** None was seen with Debian's JDK 17; others bring another libjpeg, which may round differently. */
    private static final int JPEG_TOLERANCE = 2;

    private static ImageDecoder decoder(int channels) {
        return new ImageDecoder(
                new DecodeOptions(new ImageShape(channels, 32, 32), 1 << 20, 1 << 20, 64, Reading.STORED));
    }

    private static byte[] pillow(String name) throws IOException {
        try (InputStream resource = ImageDecoderTest.class.getResourceAsStream("pillow/" + name)) {
            return resource.readAllBytes();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "grey-1",
                "grey-2",
                "grey-4",
                "grey-8",
                "grey-8-transparent",
                "grey-8-gamma",
                "grey-alpha-8",
                "palette-2",
                "palette-8",
                "palette-8-transparent",
                "rgb-8",
                "rgb-8-transparent",
                "rgb-8-animated",
                "rgb-16",
                "rgba-8",
                "rgba-16"
            })
    void readsEveryKindOfPngAsPillowDoes(String name) throws Exception {
        byte[] png = pillow(name + ".png");

        Pixels colour = decoder(3).decode(EncodedImage.of(Images.record(png, ImageEncoding.PNG)));
        Pixels luma = decoder(1).decode(EncodedImage.of(Images.record(png, ImageEncoding.PNG)));

        assertThat(colour.shape()).isEqualTo(new ImageShape(3, 9, 13));
        assertThat(colour.planar()).isEqualTo(pillow(name + ".rgb"));
        assertThat(luma.shape()).isEqualTo(new ImageShape(1, 9, 13));
        assertThat(luma.planar()).isEqualTo(pillow(name + ".luma"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "grey",
                "colour-444",
                "colour-420",
                "colour-progressive",
                "colour-restarts",
                "colour-exif",
                "colour-rgb"
            })
    void readsEveryKindOfJpegAsPillowDoes(String name) throws Exception {
        byte[] jpeg = pillow(name + ".jpg");

        Pixels colour = decoder(3).decode(EncodedImage.of(Images.record(jpeg, ImageEncoding.JPEG)));
        Pixels luma = decoder(1).decode(EncodedImage.of(Images.record(jpeg, ImageEncoding.JPEG)));

        assertThat(colour.shape()).isEqualTo(new ImageShape(3, 9, 13));
        assertThat(largestDifference(colour.planar(), pillow(name + ".rgb"))).isLessThanOrEqualTo(JPEG_TOLERANCE);
        assertThat(luma.shape()).isEqualTo(new ImageShape(1, 9, 13));
        assertThat(largestDifference(luma.planar(), pillow(name + ".luma"))).isLessThanOrEqualTo(JPEG_TOLERANCE);
    }

    @Test
    void readsAnInterlacedPngLikeAPlainOne() throws Exception {
        BufferedImage image = Images.colour(13, 9, 1);
        byte[] interlaced = Images.interlacedPng(image);
        assertThat(interlaced[28]).as("interlace method in IHDR").isEqualTo((byte) 1);

        Pixels pixels = decoder(3).decode(EncodedImage.of(Images.record(interlaced, ImageEncoding.PNG)));

        assertThat(pixels.planar()).isEqualTo(Images.planar(image));
    }

    @Test
    void whatIsTransparentShowsTheBackground() throws Exception {
        byte[] circle = transparent((x, y) -> (x - 8) * (x - 8) + (y - 8) * (y - 8) < 36);
        byte[] square = transparent((x, y) -> x > 2 && x < 13 && y > 2 && y < 13);
        byte[] line = transparent((x, y) -> x.equals(y));

        for (byte[] shape : List.of(circle, square, line)) {
            assertThat(read(shape, new Reading(true, false, 0, false))).containsOnly(0);
            assertThat(read(shape, new Reading(true, true, 0xFF8000, false)))
                    .contains(0, 0xFF, 0x80)
                    .hasSize(3 * 16 * 16);
            assertThat(read(shape, Reading.USUAL)).containsOnly(0, 0xFF);
        }
        assertThat(read(circle, Reading.USUAL)).isNotEqualTo(read(square, Reading.USUAL));
    }

    /** Black where a shape is, transparent black elsewhere. */
    private static byte[] transparent(BiPredicate<Integer, Integer> shape) {
        BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_ARGB);
        for (int i = 0; i < 256; i++) {
            image.setRGB(i % 16, i / 16, shape.test(i % 16, i / 16) ? 0xFF000000 : 0);
        }
        return Images.png(image);
    }

    private static byte[] read(byte[] png, Reading reading) throws Rejection {
        DecodeOptions options = new DecodeOptions(new ImageShape(3, 32, 32), 1 << 20, 1 << 20, 64, reading);
        return new ImageDecoder(options)
                .decode(EncodedImage.of(Images.record(png, ImageEncoding.PNG)))
                .planar();
    }

    @Test
    void readsRawPixelsAsTheyAre() throws Exception {
        byte[] samples = Images.noise(new ImageShape(3, 4, 5), 1);

        Pixels pixels = decoder(3)
                .decode(EncodedImage.of(Images.record("id", "label", samples, ImageEncoding.RAW_PLANAR_RGB8, 5, 4)));

        assertThat(pixels.shape()).isEqualTo(new ImageShape(3, 4, 5));
        assertThat(pixels.planar()).isEqualTo(samples);
    }

    private static int largestDifference(byte[] some, byte[] others) {
        assertThat(some).hasSameSizeAs(others);
        int largest = 0;
        for (int i = 0; i < some.length; i++) {
            largest = Math.max(largest, Math.abs((some[i] & 0xFF) - (others[i] & 0xFF)));
        }
        return largest;
    }
}
