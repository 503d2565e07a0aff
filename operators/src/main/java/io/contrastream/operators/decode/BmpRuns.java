package io.contrastream.operators.decode;

import java.nio.ByteBuffer;

/** Colour numbers of a BMP that is compressed in runs of 4 or 8 bits a pixel; rows come from the bottom up. */
final class BmpRuns {

    private final ByteBuffer file;
    private final boolean small;
    private final int width;
    private final int height;
    private final byte[] numbers;
    private int position;
    private int x;
    private int y;

    BmpRuns(ByteBuffer file, int start, int bits, int width, int height) {
        this.file = file;
        this.position = start;
        this.small = bits == 4;
        this.width = width;
        this.height = height;
        this.numbers = new byte[width * height];
    }

    /**
     * Decodes all rows.
     *
     * @return [H, W]
     * @throws Rejection if the file ends before the image, the image before its last row, or a run goes beyond a row or the last one
     */
    byte[] numbers() throws Rejection {
        boolean ended = false;
        while (y < height && !ended) {
            int count = next();
            int value = next();
            if (count > 0) {
                for (int i = 0; i < count; i++) {
                    put(small && i % 2 == 0 ? value >> 4 : small ? value & 15 : value);
                }
            } else if (value == 0) {
                x = 0;
                y++;
            } else if (value == 1) {
                ended = true;
            } else if (value == 2) {
                x += next();
                y += next();
            } else {
                single(value);
            }
        }
        if (y < height && !(y == height - 1 && x >= width)) {
            throw new Rejection(
                    RejectReason.CORRUPT_IMAGE,
                    "BMP image is damaged: its runs end in row " + (y + 1) + " of " + height);
        }
        if (!ended) {
            requireNoMore();
        }
        return numbers;
    }

    /** Behind the last row may be the marks of a row's and of the image's end, or nothing. */
    private void requireNoMore() throws Rejection {
        while (y == height && position + 1 < file.limit()) {
            int count = next();
            int value = next();
            if (count == 0 && value == 1) {
                return;
            }
            if (count != 0 || value != 0) {
                throw tooMany();
            }
        }
        if (y > height) {
            throw tooMany();
        }
    }

    private void single(int count) throws Rejection {
        int bytes = small ? (count + 1) / 2 : count;
        int value = 0;
        for (int i = 0; i < count; i++) {
            if (!small || i % 2 == 0) {
                value = next();
            }
            put(small && i % 2 == 0 ? value >> 4 : small ? value & 15 : value);
        }
        if (bytes % 2 == 1) {
            next();
        }
    }

    private void put(int number) throws Rejection {
        if (x >= width) {
            throw tooMany();
        }
        numbers[(height - 1 - y) * width + x] = (byte) number;
        x++;
    }

    private Rejection tooMany() {
        return new Rejection(
                RejectReason.CORRUPT_IMAGE,
                "BMP image is damaged: its runs go beyond the " + width + " x " + height
                        + " pixels that its header declares");
    }

    private int next() throws Rejection {
        if (position >= file.limit()) {
            throw new Rejection(
                    RejectReason.TRUNCATED_IMAGE,
                    "BMP image ends after " + file.limit() + " bytes in row " + (y + 1) + " of " + height);
        }
        return file.get(position++) & 0xFF;
    }
}
