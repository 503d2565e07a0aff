package io.contrastream.learning.image;

import java.io.Serializable;

/**
 * Shape of an image, in the order in which its values lie in memory: planes, rows, columns.
 *
 * @param channels colour planes, at least 1
 * @param height rows in pixels, at least 1
 * @param width columns in pixels, at least 1
 */
public record ImageShape(int channels, int height, int width) implements Serializable {

    /** @throws IllegalArgumentException if a side is below 1 or the number of values exceeds an {@code int} */
    public ImageShape {
        if (channels < 1 || height < 1 || width < 1 || (long) channels * height * width > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "image shape must have positive sides and fewer than 2^31 values, but is " + channels + "x" + height
                            + "x" + width);
        }
    }

    /**
     * The shape that {@link #toString} has written.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static ImageShape parse(String text) {
        String[] sides = text.split("x", -1);
        if (sides.length != 3) {
            throw new IllegalArgumentException("an image shape is like 3x32x32, but '" + text + "' is not");
        }
        return new ImageShape(Integer.parseInt(sides[0]), Integer.parseInt(sides[1]), Integer.parseInt(sides[2]));
    }

    /** Values of one image: channels · height · width. */
    public int size() {
        return channels * height * width;
    }

    @Override
    public String toString() {
        return channels + "x" + height + "x" + width;
    }
}
