package io.contrastream.learning.augment;

import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.image.Pixels;
import io.contrastream.learning.random.RandomStream;

/**
 * A part of an image that is scaled up to the whole, as torchvision's {@code RandomResizedCrop} does it.
 *
 * @param top first row
 * @param left first column
 * @param height rows, at most the image's
 * @param width columns, at most the image's
 */
public record ResizedCrop(int top, int left, int height, int width) {

    private static final int TRIES = 10;
    private static final double MIN_RATIO = 3.0 / 4;
    private static final double MAX_RATIO = 4.0 / 3;

    /** All of the image. */
    public static ResizedCrop whole(ImageShape shape) {
        return new ResizedCrop(0, 0, shape.height(), shape.width());
    }

    /**
     * A crop of random area, in [minScale, 1] of the image's, and random ratio of width to height, log-uniform in [3/4, 4/3]; the
     * largest central one within these ratios if ten tries do not fit.
     */
    static ResizedCrop random(ImageShape shape, double minScale, RandomStream random) {
        double logMinimum = StrictMath.log(MIN_RATIO);
        double logMaximum = StrictMath.log(MAX_RATIO);
        for (int i = 0; i < TRIES; i++) {
            double area = (double) shape.height() * shape.width() * random.nextDouble(minScale, 1);
            double ratio = StrictMath.exp(random.nextDouble(logMinimum, logMaximum));
            int width = (int) Math.rint(Math.sqrt(area * ratio));
            int height = (int) Math.rint(Math.sqrt(area / ratio));
            if (0 < width && width <= shape.width() && 0 < height && height <= shape.height()) {
                int top = random.nextInt(shape.height() - height + 1);
                int left = random.nextInt(shape.width() - width + 1);
                return new ResizedCrop(top, left, height, width);
            }
        }
        return central(shape);
    }

    /** The largest central part whose ratio of width to height is in [3/4, 4/3]. */
    static ResizedCrop central(ImageShape shape) {
        double ratio = (double) shape.width() / shape.height();
        int height = shape.height();
        int width = shape.width();
        if (ratio < MIN_RATIO) {
            height = (int) Math.rint(width / MIN_RATIO);
        } else if (ratio > MAX_RATIO) {
            width = (int) Math.rint(height * MAX_RATIO);
        }
        return new ResizedCrop((shape.height() - height) / 2, (shape.width() - width) / 2, height, width);
    }

    /**
     * Scales the crop up to the image's size, bilinear with half-pixel centres; pixels outside the crop have no part in it.
     *
     * @param images images, of which the one that starts at {@code from}, [C, H, W], is cropped
     * @param flip whether to mirror left and right
     * @param out takes [C, H, W] in [0, 1] from {@code offset} on
     */
    void scale(byte[] images, int from, ImageShape shape, boolean flip, float[] out, int offset) {
        Axis rows = Axis.of(0, height, shape.height(), false);
        Axis columns = Axis.of(left, width, shape.width(), flip);
        float[] wide = new float[height * shape.width()]; // the crop's rows in their new width
        for (int channel = 0; channel < shape.channels(); channel++) {
            int plane = channel * shape.height() * shape.width();
            for (int y = 0; y < height; y++) {
                columns.scale(images, from + plane + (top + y) * shape.width(), wide, y * shape.width());
            }
            for (int y = 0; y < shape.height(); y++) {
                int above = rows.low[y] * shape.width();
                int below = rows.high[y] * shape.width();
                float down = rows.weight[y];
                int to = offset + plane + y * shape.width();
                for (int x = 0; x < shape.width(); x++) {
                    out[to + x] = wide[above + x] + down * (wide[below + x] - wide[above + x]);
                }
            }
        }
    }

    /** For every output position along an axis the two source positions and the share of the second. */
    private record Axis(int[] low, int[] high, float[] weight) {

        /** Scales the row of {@code pixels} that starts at {@code from}. */
        void scale(byte[] pixels, int from, float[] out, int to) {
            for (int x = 0; x < low.length; x++) {
                float start = Pixels.toUnit(pixels[from + low[x]]);
                out[to + x] = start + weight[x] * (Pixels.toUnit(pixels[from + high[x]]) - start);
            }
        }

        static Axis of(int start, int length, int outputs, boolean mirrored) {
            Axis axis = new Axis(new int[outputs], new int[outputs], new float[outputs]);
            for (int output = 0; output < outputs; output++) {
                double source = Math.max(0, (output + 0.5) * length / outputs - 0.5);
                int low = (int) source;
                int at = mirrored ? outputs - 1 - output : output;
                axis.low[at] = start + low;
                axis.high[at] = start + Math.min(low + 1, length - 1);
                axis.weight[at] = (float) (source - low);
            }
            return axis;
        }
    }
}
