package io.contrastream.operators.decode;

/** The colour space of JFIF to RGB, in the 16-bit fixed point of libjpeg (jdcolor.c). */
final class YCbCr {

    private static final int HALF = 1 << 15;

    private YCbCr() {}

    static int red(int luma, int redness) {
        return clamped(luma + ((91881 * (redness - 128) + HALF) >> 16));
    }

    static int green(int luma, int blueness, int redness) {
        return clamped(luma + ((-22554 * (blueness - 128) - 46802 * (redness - 128) + HALF) >> 16));
    }

    static int blue(int luma, int blueness) {
        return clamped(luma + ((116130 * (blueness - 128) + HALF) >> 16));
    }

    private static int clamped(int value) {
        return Math.max(0, Math.min(255, value));
    }
}
