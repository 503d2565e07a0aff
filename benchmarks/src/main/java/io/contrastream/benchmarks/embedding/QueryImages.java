package io.contrastream.benchmarks.embedding;

import io.contrastream.learning.image.ImageShape;
import io.contrastream.schemas.ImageEncoding;
import io.contrastream.schemas.ImageQuery;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;

/** JPEG images of discs on a gradient, which cost about as much to decode as photographs of that size. */
final class QueryImages {

    private final List<byte[]> encoded = new ArrayList<>();

    /** @param count different ones */
    QueryImages(ImageShape shape, int count) throws IOException {
        for (int number = 0; number < count; number++) {
            encoded.add(jpeg(shape, new Random(number)));
        }
    }

    private static byte[] jpeg(ImageShape shape, Random random) throws IOException {
        BufferedImage image = new BufferedImage(shape.width(), shape.height(), BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < shape.height(); y++) {
            for (int x = 0; x < shape.width(); x++) {
                int noise = random.nextInt(24);
                int red = x * 200 / shape.width() + noise;
                int green = y * 200 / shape.height() + noise;
                image.setRGB(x, y, new Color(red, green, noise).getRGB());
            }
        }
        Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        for (int disc = 0; disc < 5; disc++) {
            graphics.setColor(Color.getHSBColor(random.nextFloat(), 1, 1));
            graphics.fillOval(
                    random.nextInt(shape.width()),
                    random.nextInt(shape.height()),
                    shape.width() / 3,
                    shape.height() / 3);
        }
        graphics.dispose();
        ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
        ImageIO.write(image, "jpg", jpeg);
        return jpeg.toByteArray();
    }

    /** One of them as a query whose event time is now. */
    ImageQuery query(int number) {
        return ImageQuery.newBuilder()
                .setId("query-" + number)
                .setImage(ByteBuffer.wrap(encoded.get(number % encoded.size())))
                .setEncoding(ImageEncoding.JPEG)
                .setWidth(null)
                .setHeight(null)
                .setEventTime(Instant.now())
                .setAttributes(Map.of())
                .build();
    }
}
