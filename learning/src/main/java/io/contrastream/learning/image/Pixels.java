package io.contrastream.learning.image;

/** Conversions of 8-bit pixels. */
public final class Pixels {

    private static final float[] UNIT = new float[256];

    static {
        for (int level = 0; level < UNIT.length; level++) {
            UNIT[level] = level / 255f;
        }
    }

    private Pixels() {}

    /** Writes pixels as numbers in [0, 1], level / 255, to {@code out} from {@code offset} on. */
    public static void toUnit(byte[] pixels, float[] out, int offset) {
        for (int i = 0; i < pixels.length; i++) {
            out[offset + i] = UNIT[pixels[i] & 0xFF];
        }
    }

    /** One pixel as a number in [0, 1]. */
    public static float toUnit(byte pixel) {
        return UNIT[pixel & 0xFF];
    }
}
