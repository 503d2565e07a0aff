package io.contrastream.operators.decode;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/**
 * The chunks of a PNG file (ISO/IEC 15948), read before its pixels are. Only the chunks that pixels are made of are looked at, and
 * the orientation: text, profiles and animation are where compressed data of unbounded size hide, and nothing here wants them. Of
 * an animated PNG the default image remains.
 */
final class PngStructure {

    private static final int SIGNATURE_SIZE = 8;
    /** Bits a sample that each colour type may have. */
    private static final String[] DEPTHS = {" 1 2 4 8 16 ", "", " 8 16 ", " 1 2 4 8 ", " 8 16 ", "", " 8 16 "};

    private static final int HEADER = 0x49484452; // IHDR
    private static final int PALETTE = 0x504C5445; // PLTE
    private static final int DATA = 0x49444154; // IDAT
    private static final int END = 0x49454E44; // IEND
    private static final int TRANSPARENCY = 0x74524E53; // tRNS
    private static final int EXIF = 0x65584966; // eXIf
    private static final int INDEXED = 3;
    private static final int HEADER_SIZE = 13;
    private static final int ANCILLARY = 1 << 29;

    private final byte[] image;
    private final boolean cutOffAllowed;
    private final ByteBuffer rest;
    private final List<Part> data = new ArrayList<>();
    private int width;
    private int height;
    private int depth;
    private int colour;
    private boolean interlaced;
    private Palette palette;
    private int[] transparency;
    private int orientation = Exif.UPRIGHT;

    private PngStructure(byte[] image, boolean cutOffAllowed) {
        this.image = image;
        this.cutOffAllowed = cutOffAllowed;
        this.rest = ByteBuffer.wrap(image).position(SIGNATURE_SIZE);
    }

    /**
     * A PNG that has been checked.
     *
     * @param depth bits a sample, one that the colour type allows
     * @param colour the colour type of IHDR
     * @param palette of colour type 3
     * @param transparency the samples of the one transparent colour, or the opacities of a palette's first colours; null if there
     *     are none
     * @param orientation as Exif has it, 1 to 8
     * @param data where the compressed pixels are
     * @param cutOff whether the file ends before its image does, which was allowed
     */
    record Png(
            byte[] image,
            int width,
            int height,
            int depth,
            int colour,
            boolean interlaced,
            Palette palette,
            int[] transparency,
            int orientation,
            List<Part> data,
            boolean cutOff) {

        /** Samples a pixel. */
        int channels() {
            return switch (colour) {
                case 2 -> 3;
                case 4 -> 2;
                case 6 -> 4;
                default -> 1;
            };
        }
    }

    /** Bytes within the file. */
    record Part(int start, int length) {}

    /**
     * Checks the structure, the declared size and the check sums.
     *
     * @param image starts with the signature
     * @param cutOffAllowed whether the file may end before its image does
     * @throws Rejection if it is cut off, inconsistent or declares more pixels than the limit
     */
    static Png check(byte[] image, PixelLimit limit, boolean cutOffAllowed) throws Rejection {
        return new PngStructure(image, cutOffAllowed).check(limit);
    }

    private Png check(PixelLimit limit) throws Rejection {
        header(next(), limit);
        boolean cutOff = false;
        try {
            for (Chunk chunk = next(); chunk.type != END; chunk = next()) {
                take(chunk);
            }
        } catch (Rejection e) {
            if (!cutOffAllowed || e.reason() != RejectReason.TRUNCATED_IMAGE || data.isEmpty()) {
                throw e;
            }
            cutOff = true;
        }
        if (data.isEmpty()) {
            throw corrupt("it has no chunk IDAT");
        }
        if (colour == INDEXED && palette == null) {
            throw corrupt("it has colours by number, but no palette");
        }
        return new Png(
                image,
                width,
                height,
                depth,
                colour,
                interlaced,
                palette,
                transparency,
                orientation,
                List.copyOf(data),
                cutOff);
    }

    private void take(Chunk chunk) throws Rejection {
        if (chunk.critical() || chunk.type == TRANSPARENCY) {
            requireCheckSum(chunk);
        }
        int start = chunk.start + 8;
        switch (chunk.type) {
            case PALETTE -> palette = Palette.ofTriples(image, start, chunk.length / 3);
            case DATA -> data.add(new Part(start, chunk.length));
            case TRANSPARENCY -> transparency(start, chunk.length);
            case EXIF -> orientation = Exif.orientation(image, start, chunk.length);
            case HEADER -> throw corrupt("it has more than one chunk IHDR");
            default -> {
                if (chunk.critical()) {
                    throw new Rejection(
                            RejectReason.UNSUPPORTED_IMAGE, "PNG image has the unknown critical chunk " + chunk.name());
                }
            }
        }
    }

    /** Opacities of a palette's colours, or the one colour that is transparent. */
    private void transparency(int start, int length) {
        if (colour == INDEXED) {
            transparency = new int[Math.min(length, 256)];
            for (int i = 0; i < transparency.length; i++) {
                transparency[i] = image[start + i] & 0xFF;
            }
        } else if (colour <= 2 && length >= (colour == 0 ? 2 : 6)) {
            ByteBuffer samples = ByteBuffer.wrap(image, start, length);
            transparency = new int[colour == 0 ? 1 : 3];
            for (int i = 0; i < transparency.length; i++) {
                transparency[i] = samples.getShort() & 0xFFFF;
            }
        }
    }

    /** Steps over a chunk: length, type, data, check sum. */
    private Chunk next() throws Rejection {
        int start = rest.position();
        if (rest.remaining() < 12) {
            throw new Rejection(
                    RejectReason.TRUNCATED_IMAGE, "PNG image ends after " + image.length + " bytes without chunk IEND");
        }
        Chunk chunk = new Chunk(start, rest.getInt(), rest.getInt());
        if (chunk.length < 0 || chunk.length > rest.remaining() - 4) {
            if (chunk.type == DATA && cutOffAllowed) {
                // Without what is there of the check sum.
                int there = image.length - start - 8;
                data.add(new Part(start + 8, chunk.length < 0 ? there : Math.min(there, chunk.length)));
            }
            throw new Rejection(
                    RejectReason.TRUNCATED_IMAGE,
                    "PNG image of " + image.length + " bytes is cut off in chunk " + chunk.name() + ", which claims "
                            + Integer.toUnsignedString(chunk.length) + " bytes");
        }
        rest.position(start + chunk.length + 12);
        return chunk;
    }

    private void header(Chunk chunk, PixelLimit limit) throws Rejection {
        if (chunk.type != HEADER || chunk.length != HEADER_SIZE) {
            throw corrupt("its first chunk is " + chunk.name() + " of " + chunk.length + " bytes, but must be IHDR of "
                    + HEADER_SIZE + " bytes");
        }
        requireCheckSum(chunk);
        ByteBuffer header = ByteBuffer.wrap(image, chunk.start + 8, HEADER_SIZE);
        width = header.getInt();
        height = header.getInt();
        if (width < 1 || height < 1) {
            throw corrupt("it declares " + Integer.toUnsignedString(width) + " x " + Integer.toUnsignedString(height)
                    + " pixels; each must be in [1, 2^31)");
        }
        limit.require(width, height);
        depth = header.get() & 0xFF;
        colour = header.get() & 0xFF;
        String depths = colour > 6 ? "" : DEPTHS[colour];
        if (!depths.contains(" " + depth + " ")) {
            throw corrupt(
                    "its header declares colour type " + colour + " of " + depth + " bits, which PNG does not have");
        }
        int compression = header.get();
        int filter = header.get();
        int interlace = header.get();
        if (compression != 0 || filter != 0 || interlace < 0 || interlace > 1) {
            throw corrupt("its header declares compression " + compression + ", filter " + filter + " and interlacing "
                    + interlace + ", which PNG does not have");
        }
        interlaced = interlace == 1;
    }

    private void requireCheckSum(Chunk chunk) throws Rejection {
        CRC32 crc = new CRC32();
        crc.update(image, chunk.start + 4, chunk.length + 4);
        int stored = ByteBuffer.wrap(image).getInt(chunk.start + 8 + chunk.length);
        if ((int) crc.getValue() != stored) {
            throw corrupt("the check sum of chunk " + chunk.name() + " is wrong");
        }
    }

    private static Rejection corrupt(String what) {
        return new Rejection(RejectReason.CORRUPT_IMAGE, "PNG image is damaged: " + what);
    }

    /** A chunk at {@code start}, with {@code length} bytes of data. */
    private record Chunk(int start, int length, int type) {

        boolean critical() {
            return (type & ANCILLARY) == 0;
        }

        String name() {
            StringBuilder name = new StringBuilder(4);
            for (int shift = 24; shift >= 0; shift -= 8) {
                char letter = (char) ((type >>> shift) & 0xFF);
                name.append(letter > ' ' && letter < 0x7F ? letter : '?');
            }
            return name.toString();
        }
    }
}
