package io.contrastream.datasets;

import io.contrastream.learning.failure.Reason;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.schemas.ImageEncoding;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Generated images of 32x32 pixels in 120 classes: an object of one of 12 shapes with one of 10 patterns, such as a
 * <i>striped star</i>, in about the hue that is usual for the class. Everything else is chance and differs from image to image:
 * place, size, some rotation, the other colour, whether the object is lighter or darker than what is behind it, background,
 * clutter, light, noise. Raw pixels therefore say little of the class; {@link Scene} has the details.
 *
 * <p>An image is a function of (seed, class, index) alone. Any ten classes that follow one another differ in shape and pattern.
 */
final class SyntheticSource implements ImageSource {

    /** Images of a class. */
    static final int IMAGES_OF_CLASS = 1000;

    private final long seed;
    private final List<Kind> kinds;
    private final List<String> labels;

    SyntheticSource(long seed) {
        this.seed = seed;
        this.kinds = kinds(seed);
        this.labels = kinds.stream().map(Kind::label).toList();
    }

    private static List<Kind> kinds(long seed) {
        Shape[] shapes = Shape.values();
        Pattern[] patterns = Pattern.values();
        int[] shapeOrder =
                Shuffle.permutation(shapes.length, RandomStream.of(seed, RandomStream.Purpose.SHUFFLE, -1, 0));
        int[] patternOrder =
                Shuffle.permutation(patterns.length, RandomStream.of(seed, RandomStream.Purpose.SHUFFLE, -1, 1));
        // Walking both orders at once meets every pair once if the patterns are shifted by one after 60, where both
        // begin anew.
        int period = 60;
        List<Kind> kinds = new ArrayList<>();
        for (int i = 0; i < shapes.length * patterns.length; i++) {
            int shape = shapeOrder[i % shapes.length];
            int pattern = patternOrder[(i + i / period) % patterns.length];
            kinds.add(new Kind(shape * patterns.length + pattern, shapes[shape], patterns[pattern]));
        }
        return List.copyOf(kinds);
    }

    @Override
    public String name() {
        return "synthetic";
    }

    @Override
    public List<String> labels() {
        return labels;
    }

    @Override
    public int size(int labelIndex) {
        return IMAGES_OF_CLASS;
    }

    @Override
    public SourceImage image(int labelIndex, int index) {
        Kind kind = kinds.get(labelIndex);
        RandomStream random = RandomStream.of(seed, RandomStream.Purpose.GENERATE, kind.number(), index);
        byte[] png = png(Scene.random(random, kind.hue()).render(kind.shape(), kind.pattern(), random));
        String id = "synthetic-" + seed + "-" + kind.label().replace(' ', '-') + "-" + index;
        return new SourceImage(id, kind.label(), png, ImageEncoding.PNG, 0, 0);
    }

    private static byte[] png(int[] rgb) {
        BufferedImage image = new BufferedImage(Scene.SIDE, Scene.SIDE, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, Scene.SIDE, Scene.SIDE, rgb, 0, Scene.SIDE);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(4096);
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            ImageIO.write(image, "png", out);
        } catch (IOException e) {
            throw new ImageSourceException("cannot encode a generated image: " + Reason.of(e), e);
        }
        return bytes.toByteArray();
    }

    @Override
    public void close() {
        // Nothing is open.
    }

    /** A class; its number does not depend on the order of classes. */
    private record Kind(int number, Shape shape, Pattern pattern) {

        /** Hue that is usual for the class; the golden ratio keeps those of classes with near numbers apart. */
        double hue() {
            return number * 0.6180339887498949 % 1;
        }

        String label() {
            return pattern.adjective() + " " + shape.noun();
        }
    }
}
