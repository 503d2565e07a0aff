package io.contrastream.learning.augment;

/**
 * An affine change of an image: where every pixel's value is taken from, as offsets from the image's centre in pixels,
 *
 * <pre>
 *   fromX = xx x + xy y + dx,   fromY = yx x + yy y + dy
 * </pre>
 *
 * bilinear between the four pixels around. What would be taken from outside is taken from the nearest pixel of the edge.
 */
public record Warp(float xx, float xy, float dx, float yx, float yy, float dy) {

    /** Changes nothing. */
    public static final Warp NONE = new Warp(1, 0, 0, 0, 1, 0);

    /** Turned by an angle in radians, clockwise if it is above 0. */
    static Warp turned(double angle) {
        float cos = (float) StrictMath.cos(angle);
        float sin = (float) StrictMath.sin(angle);
        return new Warp(cos, sin, 0, -sin, cos, 0);
    }

    /** Rows moved sideways, by {@code factor} times their offset from the centre. */
    static Warp shearedX(double factor) {
        return new Warp(1, (float) factor, 0, 0, 1, 0);
    }

    /** Columns moved up and down, by {@code factor} times their offset from the centre. */
    static Warp shearedY(double factor) {
        return new Warp(1, 0, 0, (float) factor, 1, 0);
    }

    /** Moved to the left and up by so many pixels. */
    static Warp moved(double x, double y) {
        return new Warp(1, 0, (float) x, 0, 1, (float) y);
    }

    /** This one, and then another one of what it gives. */
    Warp then(Warp next) {
        return new Warp(
                xx * next.xx + xy * next.yx,
                xx * next.xy + xy * next.yy,
                xx * next.dx + xy * next.dy + dx,
                yx * next.xx + yy * next.yx,
                yx * next.xy + yy * next.yy,
                yx * next.dx + yy * next.dy + dy);
    }

    /**
     * Changes an image in place.
     *
     * @param image of which the one that starts at {@code offset} is changed, [C, H, W]
     */
    void apply(float[] image, int offset, int channels, int height, int width) {
        int plane = height * width;
        float[] before = new float[channels * plane];
        System.arraycopy(image, offset, before, 0, before.length);
        double centreX = (width - 1) / 2.0;
        double centreY = (height - 1) / 2.0;
        for (int row = 0; row < height; row++) {
            double y = row - centreY;
            for (int column = 0; column < width; column++) {
                double x = column - centreX;
                double fromX = inside(xx * x + xy * y + dx + centreX, width);
                double fromY = inside(yx * x + yy * y + dy + centreY, height);
                int left = (int) fromX;
                int top = (int) fromY;
                int right = Math.min(left + 1, width - 1);
                int bottom = Math.min(top + 1, height - 1);
                float across = (float) (fromX - left);
                float down = (float) (fromY - top);
                for (int channel = 0; channel < channels; channel++) {
                    int start = channel * plane;
                    float above =
                            between(before[start + top * width + left], before[start + top * width + right], across);
                    float below = between(
                            before[start + bottom * width + left], before[start + bottom * width + right], across);
                    image[offset + start + row * width + column] = between(above, below, down);
                }
            }
        }
    }

    private static double inside(double position, int size) {
        return Math.max(0, Math.min(size - 1, position));
    }

    private static float between(float from, float to, float share) {
        return from + share * (to - from);
    }
}
