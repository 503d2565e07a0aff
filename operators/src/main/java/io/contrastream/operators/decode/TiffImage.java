package io.contrastream.operators.decode;

import io.contrastream.learning.image.ImageShape;

/**
 * The first image of a TIFF (TIFF 6.0): strips or tiles, plain or compressed without loss, of unsigned samples. Of samples of 16
 * bits the upper 8 are kept.
 */
final class TiffImage {

    private static final int WHITE_IS_ZERO = 0;
    private static final int BLACK_IS_ZERO = 1;
    private static final int RGB = 2;
    private static final int INDEXED = 3;
    private static final int INKS = 5;
    private static final int PREMULTIPLIED = 1;

    private final TiffStructure tiff;
    private final byte[] image;
    private final int width;
    private final int height;
    private final int plane;
    private final int colours;
    private final byte[] samples;

    private TiffImage(byte[] image, TiffStructure tiff) {
        this.image = image;
        this.tiff = tiff;
        this.width = tiff.width();
        this.height = tiff.height();
        this.plane = width * height;
        this.colours = tiff.colours();
        this.samples = new byte[(colours + (tiff.hasAlpha() ? 1 : 0)) * plane];
    }

    /** @throws Rejection if it is cut off, inconsistent, of an unsupported kind or declares more pixels than the limit */
    static Picture read(byte[] image, PixelLimit limit, boolean cutOffAllowed) throws Rejection {
        return new TiffImage(image, TiffStructure.check(image, limit, cutOffAllowed)).read();
    }

    /** Everything about a TIFF that can be known before its pixels are, as {@link #read} checks it. */
    static void check(byte[] image, PixelLimit limit, boolean cutOffAllowed) throws Rejection {
        TiffStructure.check(image, limit, cutOffAllowed);
    }

    private Picture read() throws Rejection {
        int across = (width + tiff.partWidth() - 1) / tiff.partWidth();
        int down = (height + tiff.partHeight() - 1) / tiff.partHeight();
        int planes = tiff.planar() ? tiff.samples() : 1;
        int part = 0;
        for (int sample = 0; sample < planes; sample++) {
            for (int y = 0; y < down; y++) {
                for (int x = 0; x < across; x++, part++) {
                    if (sample * plane < samples.length) {
                        put(part, sample, x * tiff.partWidth(), y * tiff.partHeight());
                    }
                }
            }
        }
        return picture();
    }

    private void put(int part, int firstSample, int left, int top) throws Rejection {
        int perPixel = tiff.planar() ? 1 : tiff.samples();
        int bits = tiff.bits();
        int rowBytes = (int) (((long) tiff.partWidth() * perPixel * bits + 7) / 8);
        int rows = Math.min(tiff.partHeight(), height - top);
        byte[] data = new byte[rowBytes * rows];
        // The last strip may have rows below the image.
        long most = (long) rowBytes * tiff.partHeight();
        int there = TiffCompression.expand(image, tiff.offset(part), tiff.length(part), tiff.compression(), data, most);
        if (there < data.length && !tiff.isCutOff(part)) {
            throw new Rejection(
                    RejectReason.CORRUPT_IMAGE,
                    "TIFF image is damaged: strip or tile " + part + " has " + there + " bytes, but needs "
                            + data.length);
        }
        if (tiff.predicted()) {
            accumulate(data, rowBytes, perPixel);
        }
        int whole = there / rowBytes;
        int columns = Math.min(tiff.partWidth(), width - left);
        for (int sample = 0; sample < perPixel; sample++) {
            int to = (firstSample + sample) * plane + top * width + left;
            if (to >= samples.length) {
                break;
            }
            for (int y = 0; y < Math.min(rows, whole); y++, to += width) {
                for (int x = 0; x < columns; x++) {
                    samples[to + x] = sample(data, y * rowBytes, x * perPixel + sample, bits);
                }
            }
        }
    }

    private byte sample(byte[] data, int row, int index, int bits) {
        if (bits == 8) {
            return data[row + index];
        }
        if (bits == 16) {
            return data[row + 2 * index + (tiff.littleEndian() ? 1 : 0)];
        }
        int bit = index * bits;
        int most = (1 << bits) - 1;
        int sample = data[row + (bit >> 3)] >> (8 - bits - (bit & 7)) & most;
        return (byte) (tiff.photometric() == INDEXED ? sample : sample * (255 / most));
    }

    /** Undoes the prediction of a sample by its left neighbour. */
    private void accumulate(byte[] data, int rowBytes, int perPixel) {
        int bytes = tiff.bits() / 8;
        int low = tiff.littleEndian() ? 0 : 1;
        for (int row = 0; row < data.length; row += rowBytes) {
            for (int i = row + perPixel * bytes; i < row + rowBytes; i += bytes) {
                if (bytes == 1) {
                    data[i] += data[i - perPixel];
                } else {
                    int left = i - 2 * perPixel;
                    int sum = (data[i + low] & 0xFF) + (data[left + low] & 0xFF);
                    data[i + low] = (byte) sum;
                    data[i + 1 - low] += (byte) (data[left + 1 - low] + (sum >> 8));
                }
            }
        }
    }

    private Picture picture() {
        byte[] alpha = null;
        byte[] colour = samples;
        if (tiff.hasAlpha()) {
            alpha = java.util.Arrays.copyOfRange(samples, colours * plane, samples.length);
            colour = java.util.Arrays.copyOf(samples, colours * plane);
            if (tiff.alpha() == PREMULTIPLIED) {
                divide(colour, alpha);
            }
        }
        return new Picture(pixels(colour), alpha, tiff.orientation());
    }

    private Pixels pixels(byte[] colour) {
        return switch (tiff.photometric()) {
            case WHITE_IS_ZERO -> {
                for (int i = 0; i < colour.length; i++) {
                    colour[i] = (byte) ~colour[i];
                }
                yield new Pixels(new ImageShape(1, height, width), colour);
            }
            case BLACK_IS_ZERO -> new Pixels(new ImageShape(1, height, width), colour);
            case RGB -> new Pixels(new ImageShape(3, height, width), colour);
            case INDEXED -> tiff.palette().colour(colour, height, width);
            case INKS -> printed(colour);
            default -> throw new IllegalStateException("photometric interpretation " + tiff.photometric());
        };
    }

    private Pixels printed(byte[] inks) {
        byte[] planar = new byte[3 * plane];
        for (int i = 0; i < planar.length; i++) {
            planar[i] = Cmyk.light(inks[i] & 0xFF, 255 - (inks[3 * plane + i % plane] & 0xFF));
        }
        return new Pixels(new ImageShape(3, height, width), planar);
    }

    private static void divide(byte[] colour, byte[] alpha) {
        for (int i = 0; i < colour.length; i++) {
            int opacity = alpha[i % alpha.length] & 0xFF;
            colour[i] = (byte) (opacity == 0 ? 0 : Math.min(255, (colour[i] & 0xFF) * 255 / opacity));
        }
    }
}
