package io.contrastream.operators.decode;

/** Predicts blocks from the pixels above and to the left of them (RFC 6386, section 12). Frames have a border of one pixel there. */
final class Vp8Prediction {

    static final int DC = 0;
    static final int TRUE_MOTION = 1;
    static final int VERTICAL = 2;
    static final int HORIZONTAL = 3;
    private static final int LEFT_DOWN = 4;
    private static final int RIGHT_DOWN = 5;
    private static final int VERTICAL_RIGHT = 6;
    private static final int VERTICAL_LEFT = 7;
    private static final int HORIZONTAL_DOWN = 8;
    private static final int HORIZONTAL_UP = 9;

    private Vp8Prediction() {}

    /**
     * Predicts a whole macroblock's plane.
     *
     * @param at position of its first pixel
     * @param size 16 or 8 pixels
     * @param hasAbove whether there are pixels above, rather than the border
     * @param hasLeft whether there are pixels to the left
     */
    static void block(byte[] plane, int at, int stride, int size, int mode, boolean hasAbove, boolean hasLeft) {
        switch (mode) {
            case DC -> fill(plane, at, stride, size, average(plane, at, stride, size, hasAbove, hasLeft));
            case TRUE_MOTION -> trueMotion(plane, at, stride, size);
            case VERTICAL -> {
                for (int y = 0; y < size; y++) {
                    System.arraycopy(plane, at - stride, plane, at + y * stride, size);
                }
            }
            default -> {
                for (int y = 0; y < size; y++) {
                    java.util.Arrays.fill(plane, at + y * stride, at + y * stride + size, plane[at + y * stride - 1]);
                }
            }
        }
    }

    private static int average(byte[] plane, int at, int stride, int size, boolean hasAbove, boolean hasLeft) {
        if (!hasAbove && !hasLeft) {
            return 128;
        }
        int sum = 0;
        int count = 0;
        if (hasAbove) {
            for (int x = 0; x < size; x++) {
                sum += plane[at - stride + x] & 0xFF;
            }
            count += size;
        }
        if (hasLeft) {
            for (int y = 0; y < size; y++) {
                sum += plane[at + y * stride - 1] & 0xFF;
            }
            count += size;
        }
        return (sum + count / 2) / count;
    }

    private static void fill(byte[] plane, int at, int stride, int size, int level) {
        for (int y = 0; y < size; y++) {
            java.util.Arrays.fill(plane, at + y * stride, at + y * stride + size, (byte) level);
        }
    }

    private static void trueMotion(byte[] plane, int at, int stride, int size) {
        int corner = plane[at - stride - 1] & 0xFF;
        for (int y = 0; y < size; y++) {
            int difference = (plane[at + y * stride - 1] & 0xFF) - corner;
            for (int x = 0; x < size; x++) {
                plane[at + y * stride + x] =
                        (byte) Math.max(0, Math.min(255, difference + (plane[at - stride + x] & 0xFF)));
            }
        }
    }

    /**
     * Predicts a block of 4 by 4 pixels.
     *
     * @param edge the 13 pixels around it, from the lowest on the left by the corner to the fourth beyond its upper right
     */
    static void small(byte[] plane, int at, int stride, int mode, int[] edge) {
        switch (mode) {
            case DC -> {
                int sum = 4;
                for (int i = 0; i < 4; i++) {
                    sum += edge[i] + edge[5 + i];
                }
                fill(plane, at, stride, 4, sum >> 3);
            }
            case TRUE_MOTION -> trueMotion(plane, at, stride, 4);
            case VERTICAL -> {
                for (int x = 0; x < 4; x++) {
                    byte level = third(edge, 5 + x);
                    for (int y = 0; y < 4; y++) {
                        plane[at + y * stride + x] = level;
                    }
                }
            }
            case HORIZONTAL -> {
                for (int y = 0; y < 4; y++) {
                    byte level = y < 3 ? third(edge, 3 - y) : (byte) ((edge[1] + 3 * edge[0] + 2) >> 2);
                    java.util.Arrays.fill(plane, at + y * stride, at + y * stride + 4, level);
                }
            }
            default -> diagonal(plane, at, stride, mode, edge);
        }
    }

    private static void diagonal(byte[] plane, int at, int stride, int mode, int[] edge) {
        for (int y = 0; y < 4; y++) {
            for (int x = 0; x < 4; x++) {
                plane[at + y * stride + x] = switch (mode) {
                    case LEFT_DOWN -> x + y == 6 ? (byte) ((edge[11] + 3 * edge[12] + 2) >> 2) : third(edge, 6 + x + y);
                    case RIGHT_DOWN -> third(edge, 4 + x - y);
                    case VERTICAL_RIGHT -> verticalRight(edge, x, y);
                    case VERTICAL_LEFT -> verticalLeft(edge, x, y);
                    case HORIZONTAL_DOWN -> horizontalDown(edge, x, y);
                    case HORIZONTAL_UP -> horizontalUp(edge, x, y);
                    default -> throw new IllegalArgumentException("mode " + mode);
                };
            }
        }
    }

    private static byte verticalRight(int[] edge, int x, int y) {
        int along = 2 * x - y;
        if (along < 0) {
            return third(edge, along == -1 ? 4 : 5 - y);
        }
        return along % 2 == 0 ? half(edge, 4 + along / 2) : third(edge, 4 + (along + 1) / 2);
    }

    private static byte verticalLeft(int[] edge, int x, int y) {
        if (x == 3 && y >= 2) {
            return third(edge, y == 2 ? 10 : 11);
        }
        return y % 2 == 0 ? half(edge, 5 + x + y / 2) : third(edge, 6 + x + y / 2);
    }

    private static byte horizontalDown(int[] edge, int x, int y) {
        int along = 2 * y - x;
        if (along < 0) {
            return third(edge, along == -1 ? 4 : 3 + x);
        }
        return along % 2 == 0 ? half(edge, 3 - along / 2) : third(edge, 4 - (along + 1) / 2);
    }

    private static byte horizontalUp(int[] edge, int x, int y) {
        int along = x + 2 * y;
        if (along > 5) {
            return (byte) edge[0];
        }
        if (along == 5) {
            return (byte) ((edge[1] + 3 * edge[0] + 2) >> 2);
        }
        return along % 2 == 0 ? half(edge, 2 - along / 2) : third(edge, 2 - along / 2);
    }

    private static byte half(int[] edge, int i) {
        return (byte) ((edge[i] + edge[i + 1] + 1) >> 1);
    }

    private static byte third(int[] edge, int i) {
        return (byte) ((edge[i - 1] + 2 * edge[i] + edge[i + 1] + 2) >> 2);
    }
}
