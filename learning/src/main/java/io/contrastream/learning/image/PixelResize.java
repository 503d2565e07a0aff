package io.contrastream.learning.image;

import java.util.Arrays;

/**
 * Bilinear resizing that averages over all source pixels when it shrinks, so that nothing aliases: the triangle filter of
 * Pillow's {@code Image.resize(…, BILINEAR)} and of torchvision's {@code resize(…, antialias=True)}, in Pillow's fixed-point
 * arithmetic (columns first, then rows, 8 bits in between), and so with the same result on every machine.
 */
public final class PixelResize {

    private static final int FRACTION_BITS = 22;
    private static final int HALF = 1 << (FRACTION_BITS - 1);

    private PixelResize() {}

    /**
     * Resizes an image; its proportions follow the new sides.
     *
     * @param planar [C, H, W] of shape {@code from}
     * @param height of the result, at least 1
     * @param width of the result, at least 1
     * @return [C, height, width]; {@code planar} itself if it has that size already
     * @throws IllegalArgumentException if the number of values is not that of the shape, or a side is below 1
     */
    public static byte[] resize(byte[] planar, ImageShape from, int height, int width) {
        if (planar.length != from.size()) {
            throw new IllegalArgumentException(
                    "an image of " + from + " has " + from.size() + " values, but there are " + planar.length);
        }
        ImageShape narrow = new ImageShape(from.channels(), from.height(), width);
        ImageShape to = new ImageShape(from.channels(), height, width);
        byte[] columnsDone = width == from.width() ? planar : columns(planar, from, narrow);
        return height == from.height() ? columnsDone : rows(columnsDone, narrow, to);
    }

    private static byte[] columns(byte[] source, ImageShape from, ImageShape to) {
        Filter filter = Filter.of(from.width(), to.width());
        byte[] result = new byte[to.size()];
        int out = 0;
        for (int row = 0; row < from.channels() * from.height(); row++) {
            int start = row * from.width();
            for (int x = 0; x < to.width(); x++) {
                int[] weights = filter.weights[x];
                int first = start + filter.first[x];
                int sum = HALF;
                for (int k = 0; k < weights.length; k++) {
                    sum += (source[first + k] & 0xFF) * weights[k];
                }
                result[out++] = level(sum);
            }
        }
        return result;
    }

    private static byte[] rows(byte[] source, ImageShape from, ImageShape to) {
        Filter filter = Filter.of(from.height(), to.height());
        byte[] result = new byte[to.size()];
        int[] sums = new int[to.width()];
        int out = 0;
        for (int channel = 0; channel < from.channels(); channel++) {
            for (int y = 0; y < to.height(); y++) {
                Arrays.fill(sums, HALF);
                int in = (channel * from.height() + filter.first[y]) * from.width();
                for (int weight : filter.weights[y]) {
                    for (int x = 0; x < sums.length; x++) {
                        sums[x] += (source[in++] & 0xFF) * weight;
                    }
                }
                for (int sum : sums) {
                    result[out++] = level(sum);
                }
            }
        }
        return result;
    }

    private static byte level(int sum) {
        return (byte) Math.max(0, Math.min(255, sum >> FRACTION_BITS));
    }

    /** For every output position along an axis: the first source position that has a part in it, and the parts of that and the next. */
    private record Filter(int[] first, int[][] weights) {

        static Filter of(int inputs, int outputs) {
            Filter filter = new Filter(new int[outputs], new int[outputs][]);
            double scale = (double) inputs / outputs;
            double reach = Math.max(1, scale);
            for (int output = 0; output < outputs; output++) {
                double centre = (output + 0.5) * scale;
                int first = Math.max(0, (int) (centre - reach + 0.5));
                int end = Math.min(inputs, (int) (centre + reach + 0.5));
                double[] parts = new double[end - first];
                for (int k = 0; k < parts.length; k++) {
                    parts[k] = Math.max(0, 1 - Math.abs((first + k - centre + 0.5) / reach));
                }
                double sum = Arrays.stream(parts).sum();
                filter.first[output] = first;
                filter.weights[output] = Arrays.stream(parts)
                        .mapToInt(part -> (int) (0.5 + part / sum * (1 << FRACTION_BITS)))
                        .toArray();
            }
            return filter;
        }
    }
}
