package io.contrastream.learning.learner;

import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;

/**
 * Generated labelled images for tests: every class has a pattern of 4x4 coloured tiles of its own; every image shows it in
 * another brightness, under noise. A pure function of the seed.
 */
public final class GeneratedExamples {

    private static final int TILES = 4;

    private final ImageShape shape;
    private final long seed;

    public GeneratedExamples(ImageShape shape, long seed) {
        this.shape = shape;
        this.seed = seed;
    }

    /** Image {@code index} of class {@code number}, whose label is {@code class-<number>}. */
    public Example example(int number, int index) {
        RandomStream pattern = RandomStream.of(seed, Purpose.GENERATE, number, -1);
        double[] tiles = new double[shape.channels() * TILES * TILES];
        for (int tile = 0; tile < tiles.length; tile++) {
            tiles[tile] = pattern.nextDouble(40, 200);
        }
        RandomStream nuisance = RandomStream.of(seed, Purpose.GENERATE, number, index);
        double brightness = nuisance.nextDouble(0.6, 1.2);
        byte[] pixels = new byte[shape.size()];
        int i = 0;
        for (int channel = 0; channel < shape.channels(); channel++) {
            for (int y = 0; y < shape.height(); y++) {
                for (int x = 0; x < shape.width(); x++) {
                    int tile = (channel * TILES + y * TILES / shape.height()) * TILES + x * TILES / shape.width();
                    double level = brightness * tiles[tile] + 20 * nuisance.nextGaussian();
                    pixels[i++] = (byte) Math.round(Math.max(0, Math.min(255, level)));
                }
            }
        }
        return new Example(number + "/" + index, "class-" + number, pixels, 1000L * index + number);
    }

    /** Image {@code position} of a stream that takes turns among {@code classes} classes. */
    public Example inTurn(int position, int classes) {
        return example(position % classes, position / classes);
    }
}
