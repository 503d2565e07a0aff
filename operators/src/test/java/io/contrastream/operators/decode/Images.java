package io.contrastream.operators.decode;

import io.contrastream.learning.image.ImageShape;
import io.contrastream.schemas.ImageEncoding;
import io.contrastream.schemas.LabelledImage;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Images and records for tests: real ones, and ones that lie. */
final class Images {

    static final Instant EVENT_TIME = Instant.parse("2026-01-02T03:04:05.678Z");

    private Images() {}

    /** A colour image of smooth random content. */
    static BufferedImage colour(int width, int height, long seed) {
        Random random = new Random(seed);
        int base = random.nextInt(1 << 24);
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, base + x * 0x030201 + y * 0x010305);
            }
        }
        return image;
    }

    static byte[] png(BufferedImage image) {
        return written(image, "png", false);
    }

    static byte[] interlacedPng(BufferedImage image) {
        return written(image, "png", true);
    }

    static byte[] jpeg(BufferedImage image) {
        return written(image, "jpeg", false);
    }

    private static byte[] written(BufferedImage image, String format, boolean interlaced) {
        ImageWriter writer = ImageIO.getImageWriters(ImageTypeSpecifier.createFromRenderedImage(image), format)
                .next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            writer.setOutput(out);
            ImageWriteParam parameters = writer.getDefaultWriteParam();
            if (interlaced) {
                parameters.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
            }
            writer.write(null, new IIOImage(image, null, null), parameters);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    /** The samples of the image, planar. */
    static byte[] planar(BufferedImage image) {
        int plane = image.getWidth() * image.getHeight();
        byte[] planar = new byte[3 * plane];
        for (int i = 0; i < plane; i++) {
            int rgb = image.getRGB(i % image.getWidth(), i / image.getWidth());
            planar[i] = (byte) (rgb >> 16);
            planar[plane + i] = (byte) (rgb >> 8);
            planar[2 * plane + i] = (byte) rgb;
        }
        return planar;
    }

    /** Samples in [C, H, W] of the shape, random. */
    static byte[] noise(ImageShape shape, long seed) {
        byte[] samples = new byte[shape.size()];
        new Random(seed).nextBytes(samples);
        return samples;
    }

    static LabelledImage record(byte[] image, ImageEncoding encoding) {
        return record("image-1", "cat", image, encoding, null, null);
    }

    static LabelledImage record(
            String id, String label, byte[] image, ImageEncoding encoding, Integer width, Integer height) {
        return new LabelledImage(
                id, label, ByteBuffer.wrap(image), encoding, width, height, EVENT_TIME, Map.of(), List.of());
    }
}
