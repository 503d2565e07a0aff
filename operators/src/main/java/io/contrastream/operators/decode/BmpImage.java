package io.contrastream.operators.decode;

import io.contrastream.learning.image.ImageShape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** BMP of Windows and OS/2 (MSDN, Bitmap Storage). Fields of 5 and 6 bits are spread over 8 as Pillow does. */
final class BmpImage {

    private static final int FILE_HEADER = 14;
    private static final int OS2_HEADER = 12;
    private static final int WINDOWS_HEADER = 40;
    private static final int PLAIN = 0;
    private static final int RUNS_OF_8 = 1;
    private static final int RUNS_OF_4 = 2;
    private static final int FIELDS = 3;

    private final ByteBuffer file;
    private final int header;
    private final int width;
    private final int height;
    private final int bits;
    private final int compression;
    private int rows;
    private int start;

    private BmpImage(byte[] image) throws Rejection {
        file = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
        header = file.limit() < FILE_HEADER + OS2_HEADER ? 0 : file.getInt(FILE_HEADER);
        if (file.limit() < FILE_HEADER + OS2_HEADER || file.limit() - FILE_HEADER < header) {
            throw new Rejection(
                    RejectReason.TRUNCATED_IMAGE, "BMP image ends after " + image.length + " bytes within its header");
        }
        if (header == OS2_HEADER) {
            width = file.getShort(FILE_HEADER + 4) & 0xFFFF;
            height = file.getShort(FILE_HEADER + 6) & 0xFFFF;
            bits = file.getShort(FILE_HEADER + 10) & 0xFFFF;
            compression = PLAIN;
        } else if (header == WINDOWS_HEADER || header == 108 || header == 124) {
            width = file.getInt(FILE_HEADER + 4);
            height = file.getInt(FILE_HEADER + 8);
            bits = file.getShort(FILE_HEADER + 14) & 0xFFFF;
            compression = file.getInt(FILE_HEADER + 16);
        } else {
            throw unsupported("has a header of " + Integer.toUnsignedString(header)
                    + " bytes; 12 (OS/2) and 40, 108 or 124 (Windows) are supported");
        }
    }

    /** @throws Rejection if it is cut off, inconsistent, of an unsupported kind or declares more pixels than the limit */
    static Picture read(byte[] image, PixelLimit limit, boolean cutOffAllowed) throws Rejection {
        return new BmpImage(image).decode(limit, cutOffAllowed);
    }

    /** Everything about a BMP that can be known before its pixels are, as {@link #read} checks it. */
    static void check(byte[] image, PixelLimit limit, boolean cutOffAllowed) throws Rejection {
        new BmpImage(image).header(limit, cutOffAllowed);
    }

    private Picture decode(PixelLimit limit, boolean cutOffAllowed) throws Rejection {
        header(limit, cutOffAllowed);
        if (inRuns()) {
            return new Picture(palette().colour(new BmpRuns(file, start, bits, width, rows).numbers(), rows, width));
        }
        long stride = stride();
        int there = (int) Math.min(rows, Math.max(0, (file.limit() - start) / stride));
        return bits <= 8 ? indexed((int) stride, there) : direct((int) stride, there);
    }

    private void header(PixelLimit limit, boolean cutOffAllowed) throws Rejection {
        if (width < 1 || height == 0 || height == Integer.MIN_VALUE) {
            throw corrupt("it declares " + width + " x " + height + " pixels; each must be at least 1");
        }
        rows = Math.abs(height);
        limit.require(width, rows);
        requireKind();
        start = file.getInt(10);
        if (!inRuns() && start + stride() * rows > file.limit() && !cutOffAllowed) {
            throw new Rejection(
                    RejectReason.TRUNCATED_IMAGE,
                    "BMP image ends after " + file.limit() + " bytes, but needs " + (start + stride() * rows));
        }
    }

    private boolean inRuns() {
        return compression == RUNS_OF_4 || compression == RUNS_OF_8;
    }

    /** Bytes of a row. */
    private long stride() {
        return ((long) width * bits + 31) / 32 * 4;
    }

    /** Position in the image of the first pixel of a row of the file, which has the last row first unless its height is negative. */
    private int place(int row) {
        return (height > 0 ? rows - 1 - row : row) * width;
    }

    private Picture indexed(int stride, int there) {
        byte[] numbers = new byte[width * rows];
        int most = (1 << bits) - 1;
        for (int y = 0; y < there; y++) {
            int from = start + y * stride;
            int to = place(y);
            for (int x = 0; x < width; x++) {
                int bit = x * bits;
                numbers[to + x] = (byte) (file.get(from + (bit >> 3)) >> (8 - bits - (bit & 7)) & most);
            }
        }
        return new Picture(palette().colour(numbers, rows, width));
    }

    private Picture direct(int stride, int there) {
        int[] masks = masks();
        int plane = width * rows;
        byte[] planar = new byte[3 * plane];
        byte[] alpha = masks[3] == 0 ? null : new byte[plane];
        int bytes = bits / 8;
        for (int y = 0; y < there; y++) {
            int from = start + y * stride;
            int to = place(y);
            for (int x = 0; x < width; x++, from += bytes, to++) {
                int pixel = switch (bytes) {
                    case 2 -> file.getShort(from) & 0xFFFF;
                    case 3 -> (file.getShort(from) & 0xFFFF) | ((file.get(from + 2) & 0xFF) << 16);
                    default -> file.getInt(from);
                };
                planar[to] = level(pixel, masks[0]);
                planar[plane + to] = level(pixel, masks[1]);
                planar[2 * plane + to] = level(pixel, masks[2]);
                if (alpha != null) {
                    alpha[to] = level(pixel, masks[3]);
                }
            }
        }
        return new Picture(new Pixels(new ImageShape(3, rows, width), planar), alpha, Exif.UPRIGHT);
    }

    private static byte level(int pixel, int mask) {
        int shift = Integer.numberOfTrailingZeros(mask);
        int most = mask >>> shift;
        return (byte) (((pixel & mask) >>> shift) * 255 / most);
    }

    /** Where red, green, blue and alpha are in a pixel. */
    private int[] masks() {
        if (compression != FIELDS) {
            return bits == 16 ? new int[] {0x7C00, 0x3E0, 0x1F, 0} : new int[] {0xFF0000, 0xFF00, 0xFF, 0};
        }
        int at = FILE_HEADER + WINDOWS_HEADER;
        return new int[] {
            file.getInt(at),
            file.getInt(at + 4),
            file.getInt(at + 8),
            header > WINDOWS_HEADER ? file.getInt(at + 12) : 0
        };
    }

    private void requireKind() throws Rejection {
        boolean supported = switch (compression) {
            case PLAIN -> bits == 1 || bits == 4 || bits == 8 || bits == 16 || bits == 24 || bits == 32;
            case RUNS_OF_8 -> bits == 8;
            case RUNS_OF_4 -> bits == 4;
            case FIELDS -> (bits == 16 || bits == 32) && fieldsSupported();
            default -> false;
        };
        if (!supported) {
            throw unsupported(
                    "has " + bits + " bits a pixel in compression " + Integer.toUnsignedString(compression)
                            + "; 1, 4, 8, 16, 24 and 32 bits, runs of 4 and 8 bits and fields of 5, 6 and 8 bits are supported");
        }
        if (file.getInt(10) < FILE_HEADER + header) {
            throw corrupt(
                    "its pixels start at byte " + Integer.toUnsignedString(file.getInt(10)) + ", within its header");
        }
    }

    private boolean fieldsSupported() {
        int masks = FILE_HEADER + WINDOWS_HEADER;
        int all = 0;
        for (int i = 0; i < (header > WINDOWS_HEADER ? 4 : 3); i++) {
            if (file.limit() < masks + 4 * i + 4) {
                return false;
            }
            int mask = file.getInt(masks + 4 * i);
            int size = Integer.bitCount(mask);
            boolean contiguous = mask != 0 && mask >>> Integer.numberOfTrailingZeros(mask) == (1 << size) - 1;
            boolean none = i == 3 && mask == 0;
            boolean usual = size == 5 || size == 6 || size == 8 || (i == 3 && size == 1);
            if ((all & mask) != 0 || !(none || (contiguous && usual))) {
                return false;
            }
            all |= mask;
        }
        return bits == 32 || (all & 0xFFFF0000) == 0;
    }

    private Palette palette() {
        int entry = header == OS2_HEADER ? 3 : 4;
        int first = FILE_HEADER + header;
        int room = Math.max(0, Math.min(start, file.limit()) - first) / entry;
        int colours = Math.min(1 << bits, room);
        Palette palette = new Palette();
        for (int i = 0; i < colours; i++) {
            int at = first + i * entry;
            palette.set(i, file.get(at + 2), file.get(at + 1), file.get(at));
        }
        return palette;
    }

    private static Rejection corrupt(String what) {
        return new Rejection(RejectReason.CORRUPT_IMAGE, "BMP image is damaged: " + what);
    }

    private static Rejection unsupported(String what) {
        return new Rejection(RejectReason.UNSUPPORTED_IMAGE, "BMP image " + what);
    }
}
