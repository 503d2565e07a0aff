package io.contrastream.datasets;

import io.contrastream.learning.random.RandomStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything of a generated image but the class of its object. Colours are linear mixtures of red, green and blue in [0, 1].
 *
 * @param centreX of the object, in pixels
 * @param centreY of the object, in pixels
 * @param radius of the object, in pixels
 * @param rotation of the object, in radians
 * @param first colour of the object
 * @param second colour of the object
 * @param background colours of two opposite sides of the image
 * @param slope direction in which the background changes, a unit vector
 * @param clutter what lies behind the object
 * @param light direction from which light comes; its length is how much brightness changes over the image
 * @param gain brightness of the image as a whole
 * @param noise standard deviation of the noise of every pixel
 */
record Scene(
        double centreX,
        double centreY,
        double radius,
        double rotation,
        double[] first,
        double[] second,
        double[][] background,
        double[] slope,
        List<Blot> clutter,
        double[] light,
        double gain,
        double noise) {

    /** Width and height of an image, in pixels. */
    static final int SIDE = 32;

    /** Most that an object is turned from its usual position, in radians. */
    private static final double MOST_ROTATION = 0.4;

    /** Most that an object's hue differs from what is usual for its class, a turn being 1. */
    private static final double MOST_HUE_SHIFT = 0.08;

    /** No shape has points farther than this from its centre. */
    private static final double REACH = 1.2;

    /** Samples a pixel in each direction, for smooth edges. */
    private static final int SAMPLES = 3;

    /** A disc or a line behind the object. */
    record Blot(double x, double y, double radius, double length, double[] direction, double[] colour) {

        boolean contains(double px, double py) {
            double along = (px - x) * direction[0] + (py - y) * direction[1];
            double across = (py - y) * direction[0] - (px - x) * direction[1];
            double beyond = Math.max(0, Math.abs(along) - length);
            return beyond * beyond + across * across < radius * radius;
        }
    }

    /**
     * A scene by chance.
     *
     * @param usualHue of the object's first colour, a turn being 1
     */
    static Scene random(RandomStream random, double usualHue) {
        double radius = random.nextDouble(9, 14);
        double room = SIDE / 2.0 - radius + 1;
        double centreX = SIDE / 2.0 + random.nextDouble(-room, room);
        double centreY = SIDE / 2.0 + random.nextDouble(-room, room);
        double rotation = random.nextDouble(-MOST_ROTATION, MOST_ROTATION);
        boolean lighter = random.nextDouble() < 0.5;
        double hue = usualHue + random.nextDouble(-MOST_HUE_SHIFT, MOST_HUE_SHIFT);
        // The object's first colour stands out from the background and its second colour from the first, in lightness.
        double[] first = colour(random, hue, lighter ? 0.75 : 0.35, lighter ? 1 : 0.5);
        double[] second = colour(random, hue + random.nextDouble(0.25, 0.75), lighter ? 0.05 : 0.85, lighter ? 0.3 : 1);
        double[][] background = {
            colour(random, random.nextDouble(), lighter ? 0.3 : 0.6, lighter ? 0.5 : 0.85),
            colour(random, random.nextDouble(), lighter ? 0.3 : 0.6, lighter ? 0.5 : 0.85)
        };
        double[] slope = direction(random, 1);
        List<Blot> clutter = new ArrayList<>();
        for (int blots = random.nextInt(5); blots > 0; blots--) {
            clutter.add(new Blot(
                    random.nextDouble(0, SIDE),
                    random.nextDouble(0, SIDE),
                    random.nextDouble(0.8, 2.5),
                    random.nextDouble(0, 4),
                    direction(random, 1),
                    colour(random, random.nextDouble(), 0.1, 0.95)));
        }
        double[] light = direction(random, random.nextDouble(0, 0.3));
        return new Scene(
                centreX,
                centreY,
                radius,
                rotation,
                first,
                second,
                background,
                slope,
                clutter,
                light,
                random.nextDouble(0.75, 1.05),
                random.nextDouble(0.01, 0.05));
    }

    /**
     * Draws the scene with its object.
     *
     * @param random of the noise
     * @return [SIDE · SIDE], rows of pixels as 0xRRGGBB
     */
    int[] render(Shape shape, Pattern pattern, RandomStream random) {
        int[] rgb = new int[SIDE * SIDE];
        for (int row = 0; row < SIDE; row++) {
            for (int column = 0; column < SIDE; column++) {
                double lit = gain
                        * (1 + light[0] * (column - SIDE / 2.0) / SIDE * 2 + light[1] * (row - SIDE / 2.0) / SIDE * 2);
                int pixel = 0;
                for (double value : colourOf(shape, pattern, row, column)) {
                    double noisy = value * lit + noise * bell(random);
                    pixel = pixel << 8 | (int) Math.rint(255 * Math.min(1, Math.max(0, noisy)));
                }
                rgb[row * SIDE + column] = pixel;
            }
        }
        return rgb;
    }

    /** Mean colour over the area of a pixel. */
    private double[] colourOf(Shape shape, Pattern pattern, int row, int column) {
        double cos = StrictMath.cos(rotation) / radius;
        double sin = StrictMath.sin(rotation) / radius;
        double[] mean = new double[3];
        for (int i = 0; i < SAMPLES; i++) {
            for (int j = 0; j < SAMPLES; j++) {
                double px = column + (j + 0.5) / SAMPLES;
                double py = row + (i + 0.5) / SAMPLES;
                double x = (px - centreX) * cos + (py - centreY) * sin;
                double y = (py - centreY) * cos - (px - centreX) * sin;
                if (x * x + y * y < REACH * REACH && shape.contains(x, y)) {
                    add(mean, first, second, pattern.second(shape, x, y));
                } else {
                    addBehind(mean, px, py);
                }
            }
        }
        return mean;
    }

    private void addBehind(double[] mean, double px, double py) {
        for (Blot blot : clutter) {
            if (blot.contains(px, py)) {
                add(mean, blot.colour(), blot.colour(), 0);
                return;
            }
        }
        double along = ((px - SIDE / 2.0) * slope[0] + (py - SIDE / 2.0) * slope[1]) / SIDE + 0.5;
        add(mean, background[0], background[1], Math.min(1, Math.max(0, along)));
    }

    private static void add(double[] mean, double[] first, double[] second, double shareOfSecond) {
        for (int channel = 0; channel < mean.length; channel++) {
            mean[channel] +=
                    (first[channel] + shareOfSecond * (second[channel] - first[channel])) / (SAMPLES * SAMPLES);
        }
    }

    /** Close to normally distributed, of mean 0 and standard deviation 1: the sum of four uniform numbers from one draw. */
    private static double bell(RandomStream random) {
        long bits = random.nextLong();
        long sum = (bits & 0xffff) + (bits >>> 16 & 0xffff) + (bits >>> 32 & 0xffff) + (bits >>> 48);
        return (sum / 65535.0 - 2) * Math.sqrt(3);
    }

    private static double[] direction(RandomStream random, double length) {
        double angle = random.nextDouble(0, 2 * Math.PI);
        return new double[] {length * StrictMath.cos(angle), length * StrictMath.sin(angle)};
    }

    /** A colour of the given hue, a turn being 1, whose lightness is drawn from [low, high). */
    private static double[] colour(RandomStream random, double hue, double low, double high) {
        double lightness = random.nextDouble(low, high);
        double strength = random.nextDouble(0.2, 0.9) * Math.min(lightness, 1 - lightness);
        double[] colour = new double[3];
        for (int channel = 0; channel < colour.length; channel++) {
            double swing = StrictMath.cos(2 * Math.PI * (hue - channel / 3.0));
            colour[channel] = lightness + strength * swing;
        }
        return colour;
    }
}
