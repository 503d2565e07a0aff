package io.contrastream.operators.decode;

import io.contrastream.learning.image.ImageShape;

/** Colours by number. A number that has no colour is black, as in Pillow. */
final class Palette {

    private static final int COLOURS = 256;

    private final byte[][] colours = new byte[3][COLOURS];

    /** The palette where a file has none: grey of the number's level. */
    static Palette grey() {
        Palette palette = new Palette();
        for (int i = 0; i < COLOURS; i++) {
            palette.set(i, i, i, i);
        }
        return palette;
    }

    /** Colours that follow one another as red, green and blue bytes. */
    static Palette ofTriples(byte[] bytes, int start, int count) {
        Palette palette = new Palette();
        for (int i = 0; i < Math.min(count, COLOURS); i++) {
            palette.set(i, bytes[start + 3 * i], bytes[start + 3 * i + 1], bytes[start + 3 * i + 2]);
        }
        return palette;
    }

    void set(int number, int red, int green, int blue) {
        colours[0][number] = (byte) red;
        colours[1][number] = (byte) green;
        colours[2][number] = (byte) blue;
    }

    /** The image whose pixels have the given numbers [H, W]. */
    Pixels colour(byte[] numbers, int height, int width) {
        byte[] planar = new byte[3 * numbers.length];
        for (int channel = 0; channel < 3; channel++) {
            byte[] levels = colours[channel];
            int to = channel * numbers.length;
            for (int i = 0; i < numbers.length; i++) {
                planar[to + i] = levels[numbers[i] & 0xFF];
            }
        }
        return new Pixels(new ImageShape(3, height, width), planar);
    }
}
