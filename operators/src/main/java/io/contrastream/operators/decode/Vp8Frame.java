package io.contrastream.operators.decode;

import java.util.Arrays;

/**
 * A key frame of VP8 (RFC 6386), as lossy WebP has it: decoded to one plane of luma and two of chroma, each with a border of one
 * pixel above and to the left.
 */
final class Vp8Frame {

    private static final int HEADER = 10;
    private static final int SEGMENTS = 4;
    private static final int MOST_INDEX = 127;
    private static final int NEVER = -1;
    private static final int[] BANDS = {0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 0};
    private static final int[] ZIGZAG = {0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15};
    private static final int[][] LARGE = {
        {173, 148, 140},
        {176, 155, 140, 135},
        {180, 157, 141, 134, 130},
        {254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129}
    };
    /** Children of a node of the tree of modes of small blocks; modes are negative. */
    private static final int[] SMALL_MODES = {0, 2, -1, 4, -2, 6, 8, 12, -3, 10, -5, -6, -4, 14, -7, 16, -8, -9};

    private final byte[] image;
    private final int end;
    private final Vp8Bits modes;
    private final Vp8Bits[] tokens;
    private final int width;
    private final int height;
    private final int columns;
    private final int rows;

    private final boolean segmented;
    private boolean segmentMap;
    private boolean absolute;
    private final int[] segmentSteps = new int[SEGMENTS];
    private final int[] segmentLevels = new int[SEGMENTS];
    private final int[] segmentProbabilities = {255, 255, 255};
    /** By segment: DC and AC of luma, of the luma's DCs, of chroma. */
    private final int[][] steps = new int[SEGMENTS][6];

    private final Vp8LoopFilter filter;
    private final byte[] coefficients = Vp8Tables.coefficients();
    private final int skipProbability;

    private final byte[] luma;
    private final byte[] blue;
    private final byte[] red;
    private final int lumaStride;
    private final int chromaStride;

    private final int[] modesAbove;
    private final int[] modesLeft = new int[4];
    /** Whether blocks above and to the left have coefficients: 4 of luma, 2 and 2 of chroma, and that of the luma's DCs. */
    private final boolean[] filledAbove;

    private final boolean[] filledLeft = new boolean[9];
    private final short[] block = new short[16 * 25];
    private final int[] edge = new int[13];

    /**
     * Reads the header of a frame whose size has been checked.
     *
     * @param start of the frame in the file
     * @param end of the frame in the file
     * @throws Rejection if it is cut off
     */
    Vp8Frame(byte[] image, int start, int end) throws Rejection {
        this.image = image;
        this.end = end;
        width = width(image, start);
        height = height(image, start);
        columns = (width + 15) / 16;
        rows = (height + 15) / 16;
        int tag = bytes(start, 3);
        int first = start + HEADER;
        int second = first + (tag >> 5);
        if (second > end) {
            throw truncated();
        }
        modes = new Vp8Bits(image, first, second);
        modes.number(2); // colour space and clamping, of which decoders make nothing
        segmented = modes.flag();
        if (segmented) {
            segments();
        }
        boolean simple = modes.flag();
        int level = modes.number(6);
        int sharpness = modes.number(3);
        int[] adjustments = adjustments();
        tokens = tokens(second, 1 << modes.number(2));
        steps();
        modes.flag(); // whether probabilities are kept for the next frame, which there is none of
        for (int i = 0; i < coefficients.length; i++) {
            if (modes.bit(Vp8Tables.coefficientUpdate(i)) == 1) {
                coefficients[i] = (byte) modes.number(8);
            }
        }
        skipProbability = modes.flag() ? modes.number(8) : NEVER;

        lumaStride = 1 + 16 * columns;
        chromaStride = 1 + 8 * columns;
        luma = bordered(lumaStride, 1 + 16 * rows);
        blue = bordered(chromaStride, 1 + 8 * rows);
        red = bordered(chromaStride, 1 + 8 * rows);
        modesAbove = new int[4 * columns];
        filledAbove = new boolean[9 * columns];
        filter = new Vp8LoopFilter(simple, level, sharpness, columns, rows);
        for (int segment = 0; segment < SEGMENTS; segment++) {
            int base = !segmented ? level : segmentLevels[segment] + (absolute ? 0 : level);
            filter.level(segment, false, base + adjustments[0]);
            filter.level(segment, true, base + adjustments[0] + adjustments[1]);
        }
    }

    /** Width that the frame at a position declares; its first ten bytes must be there. */
    static int width(byte[] image, int start) {
        return ((image[start + 6] & 0xFF) | ((image[start + 7] & 0xFF) << 8)) & 0x3FFF;
    }

    /** Height that the frame at a position declares; its first ten bytes must be there. */
    static int height(byte[] image, int start) {
        return ((image[start + 8] & 0xFF) | ((image[start + 9] & 0xFF) << 8)) & 0x3FFF;
    }

    /** Whether there is the start of a key frame that is to be shown. */
    static boolean startsAt(byte[] image, int start, int end) {
        return end - start >= HEADER
                && (image[start] & 0x11) == 0x10
                && image[start + 3] == (byte) 0x9D
                && image[start + 4] == 1
                && image[start + 5] == 0x2A;
    }

    private void segments() {
        segmentMap = modes.flag();
        if (modes.flag()) {
            absolute = modes.flag();
            for (int i = 0; i < SEGMENTS; i++) {
                segmentSteps[i] = modes.optional(7);
            }
            for (int i = 0; i < SEGMENTS; i++) {
                segmentLevels[i] = modes.optional(6);
            }
        }
        if (segmentMap) {
            for (int i = 0; i < 3; i++) {
                segmentProbabilities[i] = modes.flag() ? modes.number(8) : 255;
            }
        }
    }

    /** How much the loop filter's level differs in key frames, and in macroblocks of small blocks. */
    private int[] adjustments() {
        int[] adjustments = new int[2];
        boolean adjusted = modes.flag();
        if (adjusted && modes.flag()) {
            for (int i = 0; i < 8; i++) {
                int adjustment = modes.optional(6);
                if (i % 4 == 0) {
                    adjustments[i / 4] = adjustment;
                }
            }
        }
        return adjustments;
    }

    private Vp8Bits[] tokens(int start, int count) throws Rejection {
        Vp8Bits[] parts = new Vp8Bits[count];
        long from = start + 3L * (count - 1);
        for (int i = 0; i < count; i++) {
            if (from > end) {
                throw truncated();
            }
            long to = i < count - 1 ? from + bytes(start + 3 * i, 3) : end;
            parts[i] = new Vp8Bits(image, (int) from, (int) Math.min(to, end));
            from = to;
        }
        return parts;
    }

    private void steps() {
        int base = modes.number(7);
        int[] differences = new int[5];
        for (int i = 0; i < 5; i++) {
            differences[i] = modes.optional(4);
        }
        for (int segment = 0; segment < SEGMENTS; segment++) {
            int index = !segmented ? base : segmentSteps[segment] + (absolute ? 0 : base);
            int[] step = steps[segment];
            step[0] = Vp8Tables.dcStep(index + differences[0]);
            step[1] = Vp8Tables.acStep(index);
            step[2] = 2 * Vp8Tables.dcStep(index + differences[1]);
            step[3] = Math.max(8, Vp8Tables.acStep(index + differences[2]) * 155 / 100);
            step[4] = Vp8Tables.dcStep(Math.min(117, index + differences[3]));
            step[5] = Vp8Tables.acStep(Math.min(MOST_INDEX, index + differences[4]));
        }
    }

    private static byte[] bordered(int stride, int rows) {
        byte[] plane = new byte[stride * rows];
        for (int y = 1; y < rows; y++) {
            plane[y * stride] = (byte) 129;
        }
        Arrays.fill(plane, 0, stride, (byte) 127);
        return plane;
    }

    /**
     * Decodes the frame. Once.
     *
     * @throws Rejection if it is cut off
     */
    void decode() throws Rejection {
        for (int row = 0; row < rows; row++) {
            Arrays.fill(modesLeft, Vp8Prediction.DC);
            Arrays.fill(filledLeft, false);
            Vp8Bits bits = tokens[row % tokens.length];
            for (int column = 0; column < columns; column++) {
                macroblock(row, column, bits);
            }
            if (modes.exhausted() || bits.exhausted()) {
                throw truncated();
            }
        }
        filter.filter(this);
    }

    private void macroblock(int row, int column, Vp8Bits bits) {
        int segment = !segmentMap
                ? 0
                : modes.bit(segmentProbabilities[0]) == 0
                        ? modes.bit(segmentProbabilities[1])
                        : 2 + modes.bit(segmentProbabilities[2]);
        boolean skipped = skipProbability != NEVER && modes.bit(skipProbability) == 1;
        int mode = modes.bit(145) == 0 ? -1 : lumaMode();
        int[] small = mode < 0 ? smallModes(column) : null;
        if (mode >= 0) {
            Arrays.fill(modesAbove, 4 * column, 4 * column + 4, mode);
            Arrays.fill(modesLeft, mode);
        }
        int chromaMode = modes.bit(142) == 0
                ? Vp8Prediction.DC
                : modes.bit(114) == 0
                        ? Vp8Prediction.VERTICAL
                        : modes.bit(183) == 0 ? Vp8Prediction.HORIZONTAL : Vp8Prediction.TRUE_MOTION;
        Arrays.fill(block, (short) 0);
        boolean filled = false;
        if (skipped) {
            forget(column, small == null);
        } else {
            filled = coefficients(column, bits, steps[segment], small == null);
        }
        filter.macroblock(row, column, segment, small != null, filled);

        int at = (1 + 16 * row) * lumaStride + 1 + 16 * column;
        if (small == null) {
            Vp8Prediction.block(luma, at, lumaStride, 16, mode, row > 0, column > 0);
            for (int i = 0; i < 16; i++) {
                add(luma, at + (i >> 2) * 4 * lumaStride + (i & 3) * 4, lumaStride, 16 * i);
            }
        } else {
            smallBlocks(at, row, column, small);
        }
        int chroma = (1 + 8 * row) * chromaStride + 1 + 8 * column;
        Vp8Prediction.block(blue, chroma, chromaStride, 8, chromaMode, row > 0, column > 0);
        Vp8Prediction.block(red, chroma, chromaStride, 8, chromaMode, row > 0, column > 0);
        for (int i = 0; i < 4; i++) {
            int to = chroma + (i >> 1) * 4 * chromaStride + (i & 1) * 4;
            add(blue, to, chromaStride, 16 * (16 + i));
            add(red, to, chromaStride, 16 * (20 + i));
        }
    }

    private int lumaMode() {
        if (modes.bit(156) == 0) {
            return modes.bit(163) == 0 ? Vp8Prediction.DC : Vp8Prediction.VERTICAL;
        }
        return modes.bit(128) == 0 ? Vp8Prediction.HORIZONTAL : Vp8Prediction.TRUE_MOTION;
    }

    private int[] smallModes(int column) {
        int[] small = new int[16];
        for (int i = 0; i < 16; i++) {
            int above = modesAbove[4 * column + (i & 3)];
            int left = modesLeft[i >> 2];
            int node = 0;
            do {
                node = SMALL_MODES[node + modes.bit(Vp8Tables.smallMode(above, left, node >> 1))];
            } while (node > 0);
            small[i] = -node;
            modesAbove[4 * column + (i & 3)] = -node;
            modesLeft[i >> 2] = -node;
        }
        return small;
    }

    private void smallBlocks(int at, int row, int column, int[] small) {
        int beyond = at - lumaStride + 16;
        for (int i = 0; i < 16; i++) {
            int to = at + (i >> 2) * 4 * lumaStride + (i & 3) * 4;
            for (int y = 0; y < 4; y++) {
                edge[3 - y] = luma[to + y * lumaStride - 1] & 0xFF;
            }
            for (int x = 0; x < 5; x++) {
                edge[4 + x] = luma[to - lumaStride - 1 + x] & 0xFF;
            }
            for (int x = 0; x < 4; x++) {
                // Blocks at the right look beyond the macroblock, and all see the row above it there.
                if ((i & 3) < 3) {
                    edge[9 + x] = luma[to - lumaStride + 4 + x] & 0xFF;
                } else if (row > 0 && column == columns - 1) {
                    edge[9 + x] = luma[beyond - 1] & 0xFF;
                } else {
                    edge[9 + x] = row == 0 ? 127 : luma[beyond + x] & 0xFF;
                }
            }
            Vp8Prediction.small(luma, to, lumaStride, small[i], edge);
            add(luma, to, lumaStride, 16 * i);
        }
    }

    private void forget(int column, boolean withDc) {
        int all = withDc ? 9 : 8;
        Arrays.fill(filledLeft, 0, all, false);
        Arrays.fill(filledAbove, 9 * column, 9 * column + all, false);
    }

    /** Reads a macroblock's coefficients (section 13). @return whether one is not zero */
    private boolean coefficients(int column, Vp8Bits bits, int[] step, boolean separateDc) {
        int above = 9 * column;
        boolean any = false;
        int first = 0;
        int kind = 3;
        if (separateDc) {
            int count = tokens(bits, 1, context(above, 8, 8), 0, 24 * 16, step[2], step[3]);
            filledAbove[above + 8] = count > 0;
            filledLeft[8] = count > 0;
            walshHadamard();
            first = 1;
            kind = 0;
        }
        for (int i = 0; i < 16; i++) {
            int count = tokens(bits, kind, context(above, i & 3, i >> 2), first, 16 * i, step[0], step[1]);
            filledAbove[above + (i & 3)] = count > first;
            filledLeft[i >> 2] = count > first;
            any |= count > first || block[16 * i] != 0;
        }
        for (int i = 0; i < 8; i++) {
            int x = 4 + (i >> 2) * 2 + (i & 1);
            int y = 4 + (i >> 2) * 2 + (i >> 1 & 1);
            int count = tokens(bits, 2, context(above, x, y), 0, 16 * (16 + i), step[4], step[5]);
            filledAbove[above + x] = count > 0;
            filledLeft[y] = count > 0;
            any |= count > 0;
        }
        return any;
    }

    private int context(int above, int x, int y) {
        return (filledAbove[above + x] ? 1 : 0) + (filledLeft[y] ? 1 : 0);
    }

    /** Reads a block's coefficients from the {@code n}-th on. @return the number of the last one that is not zero, from 1 */
    private int tokens(Vp8Bits bits, int kind, int context, int n, int to, int dcStep, int acStep) {
        int base = kind * Vp8Tables.BANDS;
        int node = node(base, n, context);
        for (int i = n; i < 16; i++) {
            if (bits.bit(coefficients[node] & 0xFF) == 0) {
                return i;
            }
            while (bits.bit(coefficients[node + 1] & 0xFF) == 0) {
                i++;
                if (i == 16) {
                    return 16;
                }
                node = node(base, i, 0);
            }
            int level;
            if (bits.bit(coefficients[node + 2] & 0xFF) == 0) {
                level = 1;
                node = node(base, i + 1, 1);
            } else {
                level = large(bits, node);
                node = node(base, i + 1, 2);
            }
            block[to + ZIGZAG[i]] = (short) ((bits.flag() ? -level : level) * (i > 0 ? acStep : dcStep));
        }
        return 16;
    }

    private static int node(int base, int n, int context) {
        return ((base + BANDS[n]) * Vp8Tables.CONTEXTS + context) * Vp8Tables.NODES;
    }

    private int large(Vp8Bits bits, int node) {
        if (bits.bit(coefficients[node + 3] & 0xFF) == 0) {
            if (bits.bit(coefficients[node + 4] & 0xFF) == 0) {
                return 2;
            }
            return 3 + bits.bit(coefficients[node + 5] & 0xFF);
        }
        if (bits.bit(coefficients[node + 6] & 0xFF) == 0) {
            if (bits.bit(coefficients[node + 7] & 0xFF) == 0) {
                return 5 + bits.bit(159);
            }
            int high = bits.bit(165);
            return 7 + 2 * high + bits.bit(145);
        }
        int high = bits.bit(coefficients[node + 8] & 0xFF);
        int category = 2 * high + bits.bit(coefficients[node + 9 + high] & 0xFF);
        int extra = 0;
        for (int probability : LARGE[category]) {
            extra = 2 * extra + bits.bit(probability);
        }
        return 3 + (8 << category) + extra;
    }

    /** The first coefficients of the 16 blocks of luma, from the block of their own (section 14.3). */
    private void walshHadamard() {
        int[] half = new int[16];
        int from = 24 * 16;
        for (int i = 0; i < 4; i++) {
            int a0 = block[from + i] + block[from + 12 + i];
            int a1 = block[from + 4 + i] + block[from + 8 + i];
            int a2 = block[from + 4 + i] - block[from + 8 + i];
            int a3 = block[from + i] - block[from + 12 + i];
            half[i] = a0 + a1;
            half[8 + i] = a0 - a1;
            half[4 + i] = a3 + a2;
            half[12 + i] = a3 - a2;
        }
        for (int i = 0; i < 4; i++) {
            int dc = half[4 * i] + 3;
            int a0 = dc + half[4 * i + 3];
            int a1 = half[4 * i + 1] + half[4 * i + 2];
            int a2 = half[4 * i + 1] - half[4 * i + 2];
            int a3 = dc - half[4 * i + 3];
            block[64 * i] = (short) ((a0 + a1) >> 3);
            block[64 * i + 16] = (short) ((a3 + a2) >> 3);
            block[64 * i + 32] = (short) ((a0 - a1) >> 3);
            block[64 * i + 48] = (short) ((a3 - a2) >> 3);
        }
    }

    /** Adds the inverse cosine transform of a block of coefficients (section 14.4). */
    private void add(byte[] plane, int at, int stride, int from) {
        int any = 0;
        for (int i = 0; i < 16; i++) {
            any |= block[from + i];
        }
        if (any == 0) {
            return;
        }
        int[] half = new int[16];
        for (int i = 0; i < 4; i++) {
            int a = block[from + i] + block[from + 8 + i];
            int b = block[from + i] - block[from + 8 + i];
            int c = small(block[from + 4 + i]) - large(block[from + 12 + i]);
            int d = large(block[from + 4 + i]) + small(block[from + 12 + i]);
            half[4 * i] = a + d;
            half[4 * i + 1] = b + c;
            half[4 * i + 2] = b - c;
            half[4 * i + 3] = a - d;
        }
        for (int y = 0; y < 4; y++) {
            int dc = half[y] + 4;
            int a = dc + half[8 + y];
            int b = dc - half[8 + y];
            int c = small(half[4 + y]) - large(half[12 + y]);
            int d = large(half[4 + y]) + small(half[12 + y]);
            int to = at + y * stride;
            plane[to] = plus(plane[to], a + d);
            plane[to + 1] = plus(plane[to + 1], b + c);
            plane[to + 2] = plus(plane[to + 2], b - c);
            plane[to + 3] = plus(plane[to + 3], a - d);
        }
    }

    private static int large(int value) {
        return ((value * 20091) >> 16) + value;
    }

    private static int small(int value) {
        return (value * 35468) >> 16;
    }

    private static byte plus(byte pixel, int eighths) {
        return (byte) Math.max(0, Math.min(255, (pixel & 0xFF) + (eighths >> 3)));
    }

    private int bytes(int at, int count) throws Rejection {
        if (at + count > end) {
            throw truncated();
        }
        int value = 0;
        for (int i = count - 1; i >= 0; i--) {
            value = (value << 8) | (image[at + i] & 0xFF);
        }
        return value;
    }

    private static Rejection truncated() {
        return new Rejection(RejectReason.TRUNCATED_IMAGE, "WebP image is cut off within its pixels");
    }

    int width() {
        return width;
    }

    int height() {
        return height;
    }

    byte[] luma() {
        return luma;
    }

    byte[] blue() {
        return blue;
    }

    byte[] red() {
        return red;
    }

    /** Distance of rows of luma; the first pixel is in row 1 and column 1. */
    int lumaStride() {
        return lumaStride;
    }

    /** Distance of rows of chroma; the first pixel is in row 1 and column 1. */
    int chromaStride() {
        return chromaStride;
    }
}
