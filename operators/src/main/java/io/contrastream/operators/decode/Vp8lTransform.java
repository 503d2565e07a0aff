package io.contrastream.operators.decode;

/**
 * A transform of lossless WebP, undone after decoding (RFC 9649, section 3.5).
 *
 * @param xSize width of the image before it
 * @param blockBits the transform differs from block to block of this size in powers of two
 * @param data what it does to each block, or the colours of a palette
 */
record Vp8lTransform(int kind, int xSize, int blockBits, int[] data) {

    static final int PREDICTOR = 0;
    static final int COLOUR = 1;
    static final int PALETTE = 3;
    private static final int BLACK = 0xFF000000;

    /** Width of the image behind it: several numbers of a small palette share a pixel. */
    int packedWidth(int before) {
        int packing = packing();
        return (before + (1 << packing) - 1) >> packing;
    }

    /** Numbers in a pixel, as a power of two. */
    private int packing() {
        if (kind != PALETTE || data.length > 16) {
            return 0;
        }
        return data.length > 4 ? 1 : data.length > 2 ? 2 : 3;
    }

    /** Undoes it; the array may be changed. */
    int[] undo(int[] pixels, int height) {
        switch (kind) {
            case PREDICTOR -> unpredict(pixels, height);
            case COLOUR -> uncorrelate(pixels, height);
            case PALETTE -> {
                return colours(pixels, height);
            }
            default -> {
                for (int i = 0; i < pixels.length; i++) {
                    int green = pixels[i] >> 8 & 0xFF;
                    pixels[i] = sum(pixels[i], green << 16 | green);
                }
            }
        }
        return pixels;
    }

    private int block(int x, int y) {
        int inRow = (xSize + (1 << blockBits) - 1) >> blockBits;
        return data[(y >> blockBits) * inRow + (x >> blockBits)];
    }

    private void unpredict(int[] pixels, int height) {
        for (int y = 0, at = 0; y < height; y++) {
            for (int x = 0; x < xSize; x++, at++) {
                int predicted;
                if (y == 0) {
                    predicted = x == 0 ? BLACK : pixels[at - 1];
                } else if (x == 0) {
                    predicted = pixels[at - xSize];
                } else {
                    predicted = predicted(pixels, at, block(x, y) >> 8 & 15);
                }
                pixels[at] = sum(pixels[at], predicted);
            }
        }
    }

    private int predicted(int[] pixels, int at, int mode) {
        int left = pixels[at - 1];
        int top = pixels[at - xSize];
        int right = pixels[at - xSize + 1]; // of the last column, the first pixel of the row itself
        int corner = pixels[at - xSize - 1];
        return switch (mode) {
            case 1 -> left;
            case 2 -> top;
            case 3 -> right;
            case 4 -> corner;
            case 5 -> average(average(left, right), top);
            case 6 -> average(left, corner);
            case 7 -> average(left, top);
            case 8 -> average(corner, top);
            case 9 -> average(top, right);
            case 10 -> average(average(left, corner), average(top, right));
            case 11 -> selected(left, top, corner);
            case 12 -> gradient(left, top, corner);
            case 13 -> halfGradient(average(left, top), corner);
            default -> BLACK;
        };
    }

    private static int selected(int left, int top, int corner) {
        int nearer = 0;
        for (int shift = 0; shift < 32; shift += 8) {
            int c = corner >>> shift & 0xFF;
            nearer += Math.abs((left >>> shift & 0xFF) - c) - Math.abs((top >>> shift & 0xFF) - c);
        }
        return nearer <= 0 ? top : left;
    }

    private static int gradient(int left, int top, int corner) {
        int result = 0;
        for (int shift = 0; shift < 32; shift += 8) {
            int value = (left >>> shift & 0xFF) + (top >>> shift & 0xFF) - (corner >>> shift & 0xFF);
            result |= Math.max(0, Math.min(255, value)) << shift;
        }
        return result;
    }

    private static int halfGradient(int average, int corner) {
        int result = 0;
        for (int shift = 0; shift < 32; shift += 8) {
            int mean = average >>> shift & 0xFF;
            int value = mean + (mean - (corner >>> shift & 0xFF)) / 2;
            result |= Math.max(0, Math.min(255, value)) << shift;
        }
        return result;
    }

    private void uncorrelate(int[] pixels, int height) {
        for (int y = 0, at = 0; y < height; y++) {
            for (int x = 0; x < xSize; x++, at++) {
                int factors = block(x, y);
                int pixel = pixels[at];
                int green = (byte) (pixel >> 8);
                int red = ((pixel >> 16) + (((byte) factors * green) >> 5)) & 0xFF;
                int shifted = (((byte) (factors >> 8) * green) >> 5) + (((byte) (factors >> 16) * (byte) red) >> 5);
                int blue = (pixel + shifted) & 0xFF;
                pixels[at] = (pixel & 0xFF00FF00) | (red << 16) | blue;
            }
        }
    }

    private int[] colours(int[] packed, int height) {
        int packing = packing();
        int packedWidth = packedWidth(xSize);
        int size = 8 >> packing;
        int[] pixels = new int[xSize * height];
        for (int y = 0, at = 0; y < height; y++) {
            for (int x = 0; x < xSize; x++, at++) {
                int all = (packed[y * packedWidth + (x >> packing)] >> 8) & 0xFF;
                int number = (all >> ((x & ((1 << packing) - 1)) * size)) & ((1 << size) - 1);
                pixels[at] = number < data.length ? data[number] : 0;
            }
        }
        return pixels;
    }

    /** Channel by channel, modulo 256. */
    static int sum(int some, int others) {
        int alphaAndGreen = (some & 0xFF00FF00) + (others & 0xFF00FF00);
        int redAndBlue = (some & 0x00FF00FF) + (others & 0x00FF00FF);
        return (alphaAndGreen & 0xFF00FF00) | (redAndBlue & 0x00FF00FF);
    }

    private static int average(int some, int others) {
        return (((some ^ others) >>> 1) & 0x7F7F7F7F) + (some & others);
    }
}
