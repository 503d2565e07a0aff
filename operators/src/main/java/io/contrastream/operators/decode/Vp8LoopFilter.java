package io.contrastream.operators.decode;

/** Smooths the edges of blocks of a decoded frame (RFC 6386, section 15), macroblock by macroblock. */
final class Vp8LoopFilter {

    private final boolean simple;
    private final boolean off;
    private final int sharpness;
    private final int columns;
    private final int rows;
    /** By segment, and whether a macroblock is of small blocks. */
    private final int[] levels = new int[8];
    /** Level of every macroblock; negative if the edges within it are left as they are. */
    private final byte[] macroblocks;

    Vp8LoopFilter(boolean simple, int level, int sharpness, int columns, int rows) {
        this.simple = simple;
        this.off = level == 0;
        this.sharpness = sharpness;
        this.columns = columns;
        this.rows = rows;
        this.macroblocks = new byte[columns * rows];
    }

    void level(int segment, boolean small, int level) {
        levels[2 * segment + (small ? 1 : 0)] = Math.max(0, Math.min(63, level));
    }

    void macroblock(int row, int column, int segment, boolean small, boolean filled) {
        int level = levels[2 * segment + (small ? 1 : 0)];
        macroblocks[row * columns + column] = (byte) (small || filled ? level : -level);
    }

    void filter(Vp8Frame frame) {
        if (off) {
            return;
        }
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                int level = macroblocks[row * columns + column];
                if (level != 0) {
                    filter(frame, row, column, Math.abs(level), level > 0);
                }
            }
        }
    }

    private void filter(Vp8Frame frame, int row, int column, int level, boolean inner) {
        int interior = level;
        if (sharpness > 0) {
            interior = Math.min(interior >> (sharpness > 4 ? 2 : 1), 9 - sharpness);
        }
        interior = Math.max(1, interior);
        int limit = 2 * level + interior;
        int variance = level >= 40 ? 2 : level >= 15 ? 1 : 0;
        int stride = frame.lumaStride();
        int at = (1 + 16 * row) * stride + 1 + 16 * column;
        int chroma = frame.chromaStride();
        int to = (1 + 8 * row) * chroma + 1 + 8 * column;
        if (column > 0) {
            edge(frame.luma(), at, 1, stride, 16, limit + 4, interior, variance, true);
            chroma(frame, to, 1, chroma, limit + 4, interior, variance, true);
        }
        if (inner) {
            for (int i = 4; i < 16; i += 4) {
                edge(frame.luma(), at + i, 1, stride, 16, limit, interior, variance, false);
            }
            chroma(frame, to + 4, 1, chroma, limit, interior, variance, false);
        }
        if (row > 0) {
            edge(frame.luma(), at, stride, 1, 16, limit + 4, interior, variance, true);
            chroma(frame, to, chroma, 1, limit + 4, interior, variance, true);
        }
        if (inner) {
            for (int i = 4; i < 16; i += 4) {
                edge(frame.luma(), at + i * stride, stride, 1, 16, limit, interior, variance, false);
            }
            chroma(frame, to + 4 * chroma, chroma, 1, limit, interior, variance, false);
        }
    }

    private void chroma(
            Vp8Frame frame, int at, int across, int along, int limit, int interior, int variance, boolean outer) {
        if (!simple) {
            edge(frame.blue(), at, across, along, 8, limit, interior, variance, outer);
            edge(frame.red(), at, across, along, 8, limit, interior, variance, outer);
        }
    }

    /**
     * Filters an edge.
     *
     * @param at the first pixel behind it
     * @param across distance of pixels on both sides of it
     * @param along distance of pixels along it
     * @param outer whether it is the edge of a macroblock
     */
    private void edge(
            byte[] plane,
            int at,
            int across,
            int along,
            int size,
            int limit,
            int interior,
            int variance,
            boolean outer) {
        for (int i = 0; i < size; i++, at += along) {
            int p1 = plane[at - 2 * across] & 0xFF;
            int p0 = plane[at - across] & 0xFF;
            int q0 = plane[at] & 0xFF;
            int q1 = plane[at + across] & 0xFF;
            if (4 * Math.abs(p0 - q0) + Math.abs(p1 - q1) > 2 * limit + 1) {
                continue;
            }
            if (simple) {
                two(plane, at, across, p1, p0, q0, q1);
                continue;
            }
            int p2 = plane[at - 3 * across] & 0xFF;
            int q2 = plane[at + 2 * across] & 0xFF;
            if (Math.abs((plane[at - 4 * across] & 0xFF) - p2) > interior
                    || Math.abs(p2 - p1) > interior
                    || Math.abs(p1 - p0) > interior
                    || Math.abs((plane[at + 3 * across] & 0xFF) - q2) > interior
                    || Math.abs(q2 - q1) > interior
                    || Math.abs(q1 - q0) > interior) {
                continue;
            }
            if (Math.abs(p1 - p0) > variance || Math.abs(q1 - q0) > variance) {
                two(plane, at, across, p1, p0, q0, q1);
            } else if (outer) {
                int a = signed(3 * (q0 - p0) + signed(p1 - q1));
                int a1 = (27 * a + 63) >> 7;
                int a2 = (18 * a + 63) >> 7;
                int a3 = (9 * a + 63) >> 7;
                plane[at - 3 * across] = unsigned(p2 + a3);
                plane[at - 2 * across] = unsigned(p1 + a2);
                plane[at - across] = unsigned(p0 + a1);
                plane[at] = unsigned(q0 - a1);
                plane[at + across] = unsigned(q1 - a2);
                plane[at + 2 * across] = unsigned(q2 - a3);
            } else {
                int a = 3 * (q0 - p0);
                int a1 = eighth(a + 4);
                int a2 = eighth(a + 3);
                int a3 = (a1 + 1) >> 1;
                plane[at - 2 * across] = unsigned(p1 + a3);
                plane[at - across] = unsigned(p0 + a2);
                plane[at] = unsigned(q0 - a1);
                plane[at + across] = unsigned(q1 - a3);
            }
        }
    }

    private static void two(byte[] plane, int at, int across, int p1, int p0, int q0, int q1) {
        int a = 3 * (q0 - p0) + signed(p1 - q1);
        plane[at - across] = unsigned(p0 + eighth(a + 3));
        plane[at] = unsigned(q0 - eighth(a + 4));
    }

    private static int eighth(int value) {
        return Math.max(-16, Math.min(15, value >> 3));
    }

    private static int signed(int value) {
        return Math.max(-128, Math.min(127, value));
    }

    private static byte unsigned(int value) {
        return (byte) Math.max(0, Math.min(255, value));
    }
}
