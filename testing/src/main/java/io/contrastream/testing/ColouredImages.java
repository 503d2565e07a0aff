package io.contrastream.testing;

import io.contrastream.schemas.ImageEncoding;
import io.contrastream.schemas.LabelledImage;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/**
 * PNG images whose class is the colour and place of a disc on a noisy background: easy, so that a small encoder learns them from a few.
 * An image is a function of its number alone.
 */
public final class ColouredImages {

    public static final int CLASSES = 4;

    private static final int SIDE = 20;

    private ColouredImages() {}

    /** Images of the numbers from {@code from} to {@code to - 1}, classes in turn. */
    public static List<LabelledImage> range(int from, int to) {
        return IntStream.range(from, to).mapToObj(ColouredImages::image).toList();
    }

    public static String id(int number) {
        return "image-" + number;
    }

    public static LabelledImage image(int number) {
        int kind = number % CLASSES;
        return LabelledImage.newBuilder()
                .setId(id(number))
                .setLabel("class-" + kind)
                .setImage(ByteBuffer.wrap(png(kind, new Random(number))))
                .setEncoding(ImageEncoding.PNG)
                .setWidth(null)
                .setHeight(null)
                .setEventTime(Instant.ofEpochSecond(1_700_000_000L + number))
                .setAttributes(Map.of())
                .build();
    }

    public static byte[] png(int kind, Random random) {
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                image.setRGB(x, y, random.nextInt(1 << 24) & 0x3f3f3f);
            }
        }
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Color.getHSBColor(kind / (float) CLASSES + 0.05f * random.nextFloat(), 1, 1));
        int left = kind % 2 == 0 ? 1 : SIDE / 2 - 1;
        graphics.fillOval(left + random.nextInt(3), random.nextInt(SIDE / 2), SIDE / 2, SIDE / 2);
        graphics.dispose();
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", png);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return png.toByteArray();
    }
}
