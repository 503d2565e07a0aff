package io.contrastream.operators.decode;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The first directory of a TIFF (TIFF 6.0), read before its pixels are: kind, size, and where the strips or tiles are, which lie
 * within the file.
 */
final class TiffStructure {

    private static final int WIDTH = 256;
    private static final int HEIGHT = 257;
    private static final int BITS = 258;
    private static final int COMPRESSION = 259;
    private static final int PHOTOMETRIC = 262;
    private static final int FILL_ORDER = 266;
    private static final int STRIP_OFFSETS = 273;
    private static final int ORIENTATION = 274;
    private static final int SAMPLES = 277;
    private static final int ROWS_PER_STRIP = 278;
    private static final int STRIP_LENGTHS = 279;
    private static final int PLANAR = 284;
    private static final int PREDICTOR = 317;
    private static final int PALETTE = 320;
    private static final int TILE_WIDTH = 322;
    private static final int TILE_HEIGHT = 323;
    private static final int TILE_OFFSETS = 324;
    private static final int TILE_LENGTHS = 325;
    private static final int EXTRA_SAMPLES = 338;
    private static final int SAMPLE_FORMAT = 339;
    private static final int UNASSOCIATED_ALPHA = 2;
    private static final Set<Integer> WANTED = Set.of(
            WIDTH,
            HEIGHT,
            BITS,
            COMPRESSION,
            PHOTOMETRIC,
            FILL_ORDER,
            STRIP_OFFSETS,
            ORIENTATION,
            SAMPLES,
            ROWS_PER_STRIP,
            STRIP_LENGTHS,
            PLANAR,
            PREDICTOR,
            PALETTE,
            TILE_WIDTH,
            TILE_HEIGHT,
            TILE_OFFSETS,
            TILE_LENGTHS,
            EXTRA_SAMPLES,
            SAMPLE_FORMAT);
    /** Strips or tiles of an image, and so numbers of an entry. */
    private static final int MOST_PARTS = 1 << 18;
    /** Pixels that tiles may have in any case: a tile of 1024 x 1024. */
    private static final long LEAST_TILED = 1 << 20;

    private final ByteBuffer file;
    private final Map<Integer, long[]> tags = new HashMap<>();
    private int width;
    private int height;
    private int bits;
    private int compression;
    private int photometric;
    private int samples;
    private int colours;
    private int alpha;
    private int partWidth;
    private int partHeight;
    private int[] offsets;
    private int[] lengths;
    private BitSet cutOff;

    private TiffStructure(byte[] image) {
        file = ByteBuffer.wrap(image).order(image[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    }

    /**
     * Checks the structure and the declared size.
     *
     * @param image starts with the signature
     * @param cutOffAllowed whether strips or tiles may be beyond the end of the file
     * @throws Rejection if it is cut off, inconsistent, of an unsupported kind or declares more pixels than the limit
     */
    static TiffStructure check(byte[] image, PixelLimit limit, boolean cutOffAllowed) throws Rejection {
        TiffStructure structure = new TiffStructure(image);
        structure.requireClassic();
        structure.directory();
        structure.kind(limit);
        structure.parts(limit, cutOffAllowed);
        return structure;
    }

    private void requireClassic() throws Rejection {
        if (file.limit() >= 4 && file.getShort(2) == 43) {
            throw unsupported("is a BigTIFF, with offsets of 64 bits; those of 32 bits are supported");
        }
    }

    private void directory() throws Rejection {
        long at = file.limit() < 8 ? 8 : file.getInt(4) & 0xFFFFFFFFL;
        if (at < 8) {
            throw corrupt("its directory starts at byte " + at + ", within its header");
        }
        if (at > file.limit() - 2) {
            throw truncated();
        }
        int entries = file.getShort((int) at) & 0xFFFF;
        if (at + 2 + 12L * entries > file.limit()) {
            throw truncated();
        }
        for (int i = 0; i < entries; i++) {
            int entry = (int) at + 2 + 12 * i;
            int tag = file.getShort(entry) & 0xFFFF;
            if (WANTED.contains(tag)) {
                values(tag, file.getShort(entry + 2), file.getInt(entry + 4) & 0xFFFFFFFFL, entry + 8);
            }
        }
    }

    /** Numbers of an entry; other types than whole numbers are nothing that pixels need. */
    private void values(int tag, int type, long count, int entry) throws Rejection {
        int size = type == 1 ? 1 : type == 3 ? 2 : type == 4 ? 4 : 0;
        if (size == 0) {
            return;
        }
        long at = size * count <= 4 ? entry : file.getInt(entry) & 0xFFFFFFFFL;
        if (at + size * count > file.limit()) {
            throw truncated();
        }
        long[] values = new long[(int) Math.min(count, MOST_PARTS)];
        for (int i = 0; i < values.length; i++) {
            int from = (int) at + i * size;
            values[i] = switch (size) {
                case 1 -> file.get(from) & 0xFF;
                case 2 -> file.getShort(from) & 0xFFFF;
                default -> file.getInt(from) & 0xFFFFFFFFL;
            };
        }
        tags.put(tag, values);
    }

    private void kind(PixelLimit limit) throws Rejection {
        width = size(WIDTH);
        height = size(HEIGHT);
        limit.require(width, height);
        compression = number(COMPRESSION, TiffCompression.NONE);
        photometric = number(PHOTOMETRIC, -1);
        samples = number(SAMPLES, 1);
        bits = number(BITS, 1);
        colours = switch (photometric) {
            case 0, 1, 3 -> 1;
            case 2 -> 3;
            case 5 -> 4;
            default ->
                throw unsupported("has photometric interpretation " + photometric
                        + "; grey, RGB, palette and CMYK are supported");
        };
        boolean lossless = compression == TiffCompression.NONE
                || compression == TiffCompression.LZW
                || compression == TiffCompression.PACKBITS
                || compression == TiffCompression.DEFLATE
                || compression == TiffCompression.OLD_DEFLATE;
        if (!lossless) {
            throw unsupported("has compression " + compression
                    + "; 1 (none), 5 (LZW), 8 (deflate) and 32773 (PackBits) are" + " supported");
        }
        long[] bitsOfAll = tags.getOrDefault(BITS, new long[] {1});
        boolean small = colours == 1 && samples == 1 && (bits == 1 || bits == 2 || bits == 4);
        if (!(bits == 8 || small || (bits == 16 && photometric != 3))
                || Arrays.stream(bitsOfAll).anyMatch(each -> each != bits)) {
            throw unsupported("has samples of " + Arrays.toString(bitsOfAll)
                    + " bits; 8 and 16, and 1, 2 and 4 of a single sample, are supported");
        }
        if (Arrays.stream(tags.getOrDefault(SAMPLE_FORMAT, new long[] {1})).anyMatch(format -> format != 1)) {
            throw unsupported("has signed or floating-point samples; unsigned ones are supported");
        }
        if (samples < colours || samples > colours + 4) {
            throw unsupported("has " + samples + " samples a pixel; " + colours + " to " + (colours + 4)
                    + " are supported in its colour space");
        }
        if (number(FILL_ORDER, 1) != 1) {
            throw unsupported("has its bits in reverse order");
        }
        int predictor = number(PREDICTOR, 1);
        if (predictor != 1 && (predictor != 2 || bits < 8)) {
            throw unsupported("has predictor " + predictor + " of " + bits
                    + " bits; 1 (none) and 2 (horizontal) of 8 and 16" + " bits are supported");
        }
        if (photometric == 3 && tags.getOrDefault(PALETTE, new long[0]).length < 3 << bits) {
            throw corrupt("it has colours by number, but no palette of " + (1 << bits) + " colours");
        }
        long[] extra = tags.get(EXTRA_SAMPLES);
        alpha = samples == colours ? 0 : extra == null ? UNASSOCIATED_ALPHA : extra.length == 0 ? 0 : (int) extra[0];
    }

    private void parts(PixelLimit limit, boolean cutOffAllowed) throws Rejection {
        boolean tiled = tags.containsKey(TILE_OFFSETS);
        partWidth = tiled ? size(TILE_WIDTH) : width;
        long rows = tiled ? size(TILE_HEIGHT) : first(ROWS_PER_STRIP, height);
        if (rows < 1) {
            throw corrupt("its strips have " + rows + " rows");
        }
        partHeight = (int) (tiled ? rows : Math.min(rows, height));
        limit.require(partWidth, partHeight);
        long across = ((long) width + partWidth - 1) / partWidth;
        long down = ((long) height + partHeight - 1) / partHeight;
        long count = across * down * (planar() ? samples : 1);
        if (count > MOST_PARTS) {
            throw unsupported("has " + count + " strips or tiles; at most " + MOST_PARTS + " are supported");
        }
        // Strips fit the image; tiles that are much larger than it cost time and have no use.
        if (across * partWidth * down * partHeight > 4L * width * height + LEAST_TILED) {
            throw corrupt("it has " + width + " x " + height + " pixels in tiles of " + partWidth + " x " + partHeight);
        }
        long[] starts = tags.getOrDefault(tiled ? TILE_OFFSETS : STRIP_OFFSETS, new long[0]);
        long[] sizes = tags.getOrDefault(tiled ? TILE_LENGTHS : STRIP_LENGTHS, new long[0]);
        if (starts.length < count || sizes.length < count) {
            throw corrupt("it needs " + count + " strips or tiles, but says where " + starts.length
                    + " are and how long " + sizes.length);
        }
        offsets = new int[(int) count];
        lengths = new int[(int) count];
        cutOff = new BitSet((int) count);
        for (int i = 0; i < count; i++) {
            if (starts[i] + sizes[i] > file.limit()) {
                if (!cutOffAllowed) {
                    throw truncated();
                }
                cutOff.set(i);
            }
            offsets[i] = (int) Math.min(starts[i], file.limit());
            lengths[i] = (int) Math.min(sizes[i], file.limit() - offsets[i]);
        }
    }

    private int size(int tag) throws Rejection {
        long value = first(tag, 0);
        if (value < 1 || value > Integer.MAX_VALUE) {
            throw corrupt("its tag " + tag + " of a width or height is " + value);
        }
        return (int) value;
    }

    private int number(int tag, int without) {
        return (int) Math.min(Integer.MAX_VALUE, first(tag, without));
    }

    private long first(int tag, long without) {
        long[] values = tags.get(tag);
        return values == null || values.length == 0 ? without : values[0];
    }

    int width() {
        return width;
    }

    int height() {
        return height;
    }

    /** Bits a sample. */
    int bits() {
        return bits;
    }

    int compression() {
        return compression;
    }

    int photometric() {
        return photometric;
    }

    /** Samples a pixel, with alpha and what else there is. */
    int samples() {
        return samples;
    }

    /** Samples a pixel that are colour. */
    int colours() {
        return colours;
    }

    /** Kind of the first sample behind the colours: 1 alpha that colours are multiplied with, 2 alpha that they are not. */
    int alpha() {
        return alpha;
    }

    boolean hasAlpha() {
        return alpha == 1 || alpha == UNASSOCIATED_ALPHA;
    }

    boolean planar() {
        return samples > 1 && number(PLANAR, 1) == 2;
    }

    boolean predicted() {
        return number(PREDICTOR, 1) == 2;
    }

    boolean littleEndian() {
        return file.order() == ByteOrder.LITTLE_ENDIAN;
    }

    int orientation() {
        return Exif.valid(number(ORIENTATION, Exif.UPRIGHT));
    }

    /** Of an image with colours by number: the upper 8 of 16 bits. */
    Palette palette() {
        long[] levels = tags.get(PALETTE);
        int count = 1 << bits;
        Palette palette = new Palette();
        for (int i = 0; i < count; i++) {
            palette.set(i, (int) levels[i] >> 8, (int) levels[count + i] >> 8, (int) levels[2 * count + i] >> 8);
        }
        return palette;
    }

    int partWidth() {
        return partWidth;
    }

    int partHeight() {
        return partHeight;
    }

    int offset(int part) {
        return offsets[part];
    }

    int length(int part) {
        return lengths[part];
    }

    /** Whether the file ends before a strip or tile does, which was allowed. */
    boolean isCutOff(int part) {
        return cutOff.get(part);
    }

    private Rejection truncated() {
        return new Rejection(
                RejectReason.TRUNCATED_IMAGE,
                "TIFF image of " + file.limit() + " bytes refers to what is beyond its end");
    }

    private static Rejection corrupt(String what) {
        return new Rejection(RejectReason.CORRUPT_IMAGE, "TIFF image is damaged: " + what);
    }

    private static Rejection unsupported(String what) {
        return new Rejection(RejectReason.UNSUPPORTED_IMAGE, "TIFF image " + what);
    }
}
