package io.contrastream.operators.decode;

import io.contrastream.learning.image.ImageShape;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The pixels of a PNG whose chunks have been checked, row by row: inflated, unfiltered, and put where they belong. Of samples of 16
 * bits the upper 8 are kept, of fewer bits grey is spread over the range. More pixel data than the header asks for are refused when
 * the first byte too many comes, and never inflated.
 */
final class PngImage {

    private static final int GREY = 0;
    private static final int RGB = 2;
    private static final int INDEXED = 3;
    private static final int GREY_ALPHA = 4;

    /** First column, first row, distance of columns, distance of rows: of the passes of an interlaced image. */
    private static final int[][] PASSES = {
        {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}
    };

    private static final int[][] ONE_PASS = {{0, 0, 1, 1}};

    private final PngStructure.Png png;
    private final int plane;
    private final byte[] planar;
    private final byte[] alpha;
    private int fed;

    private PngImage(PngStructure.Png png) {
        this.png = png;
        this.plane = png.width() * png.height();
        this.planar = new byte[(png.colour() == RGB || png.colour() == 6 ? 3 : 1) * plane];
        this.alpha = png.colour() >= GREY_ALPHA || png.transparency() != null ? new byte[plane] : null;
    }

    /** @throws Rejection if it is cut off, inconsistent or declares more pixels than the limit */
    static Picture read(byte[] image, PixelLimit limit, boolean cutOffAllowed) throws Rejection {
        return new PngImage(PngStructure.check(image, limit, cutOffAllowed)).read();
    }

    /** Everything about a PNG that can be known before its pixels are, as {@link #read} checks it. */
    static void check(byte[] image, PixelLimit limit, boolean cutOffAllowed) throws Rejection {
        PngStructure.check(image, limit, cutOffAllowed);
    }

    private Picture read() throws Rejection {
        Inflater inflater = new Inflater();
        try {
            boolean whole = true;
            for (int[] pass : png.interlaced() ? PASSES : ONE_PASS) {
                whole = whole && pass(inflater, pass);
            }
            if (whole) {
                requireNoMore(inflater);
            }
        } catch (DataFormatException e) {
            throw corrupt("its pixels cannot be inflated");
        } finally {
            inflater.end();
        }
        return new Picture(pixels(), alpha, png.orientation());
    }

    private Pixels pixels() {
        if (png.colour() == INDEXED) {
            return png.palette().colour(planar, png.height(), png.width());
        }
        return new Pixels(new ImageShape(planar.length / plane, png.height(), png.width()), planar);
    }

    /** @return false if the pixel data end before the pass does */
    private boolean pass(Inflater inflater, int[] pass) throws Rejection, DataFormatException {
        int width = (png.width() - pass[0] + pass[2] - 1) / pass[2];
        int height = (png.height() - pass[1] + pass[3] - 1) / pass[3];
        if (width <= 0 || height <= 0) {
            return true;
        }
        int bits = png.channels() * png.depth();
        int distance = Math.max(1, bits / 8);
        byte[] row = new byte[1 + (int) (((long) width * bits + 7) / 8)];
        byte[] before = new byte[row.length];
        for (int y = 0; y < height; y++) {
            if (!fill(inflater, row)) {
                if (png.cutOff() && !inflater.finished()) {
                    return false;
                }
                throw new Rejection(
                        RejectReason.CORRUPT_IMAGE,
                        "PNG image is damaged: it has fewer pixels than the " + png.width() + " x " + png.height()
                                + " that its header declares");
            }
            unfilter(row, before, distance);
            put(row, width, (pass[1] + y * pass[3]) * png.width() + pass[0], pass[2]);
            byte[] swap = before;
            before = row;
            row = swap;
        }
        return true;
    }

    private boolean fill(Inflater inflater, byte[] row) throws DataFormatException {
        int done = 0;
        while (done < row.length) {
            int inflated = inflater.inflate(row, done, row.length - done);
            done += inflated;
            if (inflated == 0 && !feed(inflater)) {
                return false;
            }
        }
        return true;
    }

    /** @return false if there is nothing more to feed, or nothing more is wanted */
    private boolean feed(Inflater inflater) {
        if (!inflater.needsInput() || fed == png.data().size()) {
            return false;
        }
        PngStructure.Part part = png.data().get(fed++);
        inflater.setInput(png.image(), part.start(), part.length());
        return true;
    }

    private void requireNoMore(Inflater inflater) throws Rejection, DataFormatException {
        byte[] more = new byte[1];
        while (!inflater.finished()) {
            int inflated = inflater.inflate(more);
            if (inflated > 0) {
                throw corrupt("it has more pixels than the " + png.width() + " x " + png.height()
                        + " that its header declares");
            }
            if (!inflater.finished() && !feed(inflater)) {
                // All pixels are there, though the end of the compressed data is not.
                return;
            }
        }
    }

    private static void unfilter(byte[] row, byte[] above, int distance) throws Rejection {
        switch (row[0]) {
            case 0 -> {
                // as it is
            }
            case 1 -> {
                for (int i = 1 + distance; i < row.length; i++) {
                    row[i] += row[i - distance];
                }
            }
            case 2 -> {
                for (int i = 1; i < row.length; i++) {
                    row[i] += above[i];
                }
            }
            case 3 -> {
                for (int i = 1; i < row.length; i++) {
                    int left = i > distance ? row[i - distance] & 0xFF : 0;
                    row[i] += (byte) ((left + (above[i] & 0xFF)) >> 1);
                }
            }
            case 4 -> paeth(row, above, distance);
            default -> throw corrupt("a row has the unknown filter " + (row[0] & 0xFF));
        }
    }

    private static void paeth(byte[] row, byte[] above, int distance) {
        for (int i = 1; i < Math.min(1 + distance, row.length); i++) {
            row[i] += above[i];
        }
        for (int i = 1 + distance; i < row.length; i++) {
            int left = row[i - distance] & 0xFF;
            int up = above[i] & 0xFF;
            int corner = above[i - distance] & 0xFF;
            int toLeft = Math.abs(up - corner);
            int toUp = Math.abs(left - corner);
            int toCorner = Math.abs(left + up - 2 * corner);
            row[i] += (byte) (toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner);
        }
    }

    private void put(byte[] row, int width, int start, int step) {
        if (png.depth() < 8) {
            putSmall(row, width, start, step);
            return;
        }
        int bytes = png.depth() / 8;
        int pixel = bytes * png.channels();
        int colours = png.channels() - (png.colour() >= GREY_ALPHA ? 1 : 0);
        for (int channel = 0; channel < colours; channel++) {
            int to = channel * plane + start;
            int from = 1 + channel * bytes;
            for (int x = 0; x < width; x++, to += step, from += pixel) {
                planar[to] = row[from];
            }
        }
        if (png.colour() >= GREY_ALPHA) {
            int to = start;
            int from = 1 + colours * bytes;
            for (int x = 0; x < width; x++, to += step, from += pixel) {
                alpha[to] = row[from];
            }
        } else if (alpha != null) {
            for (int x = 0; x < width; x++) {
                alpha[start + x * step] = opacity(row, 1 + x * pixel, bytes);
            }
        }
    }

    /** Several pixels a byte: one channel, grey or numbers. */
    private void putSmall(byte[] row, int width, int start, int step) {
        int depth = png.depth();
        int most = (1 << depth) - 1;
        int spread = png.colour() == GREY ? 255 / most : 1;
        for (int x = 0; x < width; x++) {
            int bit = x * depth;
            int sample = (row[1 + (bit >> 3)] >> (8 - depth - (bit & 7))) & most;
            planar[start + x * step] = (byte) (sample * spread);
            if (alpha != null) {
                alpha[start + x * step] =
                        png.colour() == INDEXED ? opacity(sample) : (byte) (sample == png.transparency()[0] ? 0 : 255);
            }
        }
    }

    /** Of a number of the palette, or of a colour of which one is declared to be transparent. */
    private byte opacity(byte[] row, int at, int bytes) {
        if (png.colour() == INDEXED) {
            return opacity(row[at] & 0xFF);
        }
        for (int channel = 0; channel < png.channels(); channel++) {
            int sample = row[at + channel * bytes] & 0xFF;
            if (bytes == 2) {
                sample = (sample << 8) | (row[at + 2 * channel + 1] & 0xFF);
            }
            if (sample != png.transparency()[channel]) {
                return (byte) 255;
            }
        }
        return 0;
    }

    private byte opacity(int number) {
        return (byte) (number < png.transparency().length ? png.transparency()[number] : 255);
    }

    private static Rejection corrupt(String what) {
        return new Rejection(RejectReason.CORRUPT_IMAGE, "PNG image is damaged: " + what);
    }
}
