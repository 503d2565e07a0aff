package io.contrastream.learning.augment;

/**
 * Colour operations of torchvision's functional transforms on one planar image in [0, 1], in place. The image starts at
 * {@code offset} and has three planes of {@code plane} values; brightness and contrast take one plane too.
 */
final class Colour {

    private static final float RED = 0.2989f;
    private static final float GREEN = 0.587f;
    private static final float BLUE = 0.114f;

    private Colour() {}

    /** Multiplies by the factor: 0 is black, 1 the image. */
    static void brightness(float[] image, int offset, int channels, int plane, float factor) {
        for (int i = offset; i < offset + channels * plane; i++) {
            image[i] = clamp(factor * image[i]);
        }
    }

    /** Mixes with the image's mean grey: 0 is that grey, 1 the image. */
    static void contrast(float[] image, int offset, int channels, int plane, float factor) {
        double sum = 0;
        for (int i = offset; i < offset + plane; i++) {
            sum += channels == 3 ? luma(image, i, plane) : image[i];
        }
        float rest = (1 - factor) * (float) (sum / plane);
        for (int i = offset; i < offset + channels * plane; i++) {
            image[i] = clamp(factor * image[i] + rest);
        }
    }

    /** Mixes every pixel with its grey: 0 is greyscale, 1 the image. */
    static void saturation(float[] image, int offset, int plane, float factor) {
        for (int i = offset; i < offset + plane; i++) {
            float rest = (1 - factor) * luma(image, i, plane);
            image[i] = clampOne(factor * image[i] + rest);
            image[i + plane] = clampOne(factor * image[i + plane] + rest);
            image[i + 2 * plane] = clampOne(factor * image[i + 2 * plane] + rest);
        }
    }

    /** Gives every pixel its grey in all three channels. */
    static void greyscale(float[] image, int offset, int plane) {
        for (int i = offset; i < offset + plane; i++) {
            float grey = luma(image, i, plane);
            image[i] = grey;
            image[i + plane] = grey;
            image[i + 2 * plane] = grey;
        }
    }

    /** Turns the hue by the share of a full turn, in [-0.5, 0.5], by way of HSV. */
    static void hue(float[] image, int offset, int plane, float turn) {
        for (int i = offset; i < offset + plane; i++) {
            float red = image[i];
            float green = image[i + plane];
            float blue = image[i + 2 * plane];
            float value; // the greatest channel's
            float next; // that of the channel after it, in the circle of red, green and blue
            float last;
            int start; // hue of the greatest channel, in sixths of a turn
            if (red >= green && red >= blue) {
                value = red;
                next = green;
                last = blue;
                start = 0;
            } else if (green >= blue) {
                value = green;
                next = blue;
                last = red;
                start = 2;
            } else {
                value = blue;
                next = red;
                last = green;
                start = 4;
            }
            float range = value - (next < last ? next : last);
            if (range == 0) {
                continue; // greys have no hue
            }
            float sixths = start + (next - last) / range + 6 * turn; // in [-4, 8]
            if (sixths < 0) {
                sixths += 6;
            } else if (sixths >= 6) {
                sixths -= 6;
            }
            int sector = (int) sixths;
            float fraction = sixths - sector;
            float low = value - range;
            float falling = value - range * fraction;
            float rising = value - range * (1 - fraction);
            // Rounding may end at 6, which is red again.
            switch (sector % 6) {
                case 0 -> set(image, i, plane, value, rising, low);
                case 1 -> set(image, i, plane, falling, value, low);
                case 2 -> set(image, i, plane, low, value, rising);
                case 3 -> set(image, i, plane, low, falling, value);
                case 4 -> set(image, i, plane, rising, low, value);
                default -> set(image, i, plane, value, low, falling);
            }
        }
    }

    private static void set(float[] image, int i, int plane, float red, float green, float blue) {
        image[i] = red;
        image[i + plane] = green;
        image[i + 2 * plane] = blue;
    }

    private static float luma(float[] image, int i, int plane) {
        return RED * image[i] + GREEN * image[i + plane] + BLUE * image[i + 2 * plane];
    }

    /** For loops over one plane, which the compiler vectorises with this. */
    private static float clamp(float value) {
        return Math.max(0, Math.min(1, value));
    }

    /** For loops that are not vectorised: there a comparison is quicker than what Math.max does for NaN and -0. */
    private static float clampOne(float value) {
        return value < 0 ? 0 : value > 1 ? 1 : value;
    }
}
