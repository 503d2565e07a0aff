package io.contrastream.operators.decode;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32;

/**
 * The chunks of a PNG file (ISO/IEC 15948), read before a decoder sees them. Only the chunks that pixels are made of are kept:
 * text, profiles and animation are where compressed data of unbounded size hide, and nothing here wants them. Of an animated PNG
 * the default image remains.
 */
final class PngStructure {

    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    private static final int HEADER = 0x49484452; // IHDR
    private static final int PALETTE = 0x504C5445; // PLTE
    private static final int DATA = 0x49444154; // IDAT
    private static final int END = 0x49454E44; // IEND
    private static final int HEADER_SIZE = 13;
    private static final int ANCILLARY = 1 << 29;

    private final byte[] image;
    private final ByteBuffer rest;

    private PngStructure(byte[] image) {
        this.image = image;
        this.rest = ByteBuffer.wrap(image).position(SIGNATURE.length);
    }

    /** Whether the bytes start with the signature of PNG. */
    static boolean startsIn(byte[] image) {
        return image.length >= SIGNATURE.length
                && Arrays.equals(image, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length);
    }

    /**
     * Checks the structure, the declared size and the check sums.
     *
     * @param image starts with the signature
     * @return the same image in its critical chunks alone
     * @throws Rejection if it is cut off, inconsistent or declares more pixels than the limit
     */
    static byte[] check(byte[] image, PixelLimit limit) throws Rejection {
        return new PngStructure(image).check(limit);
    }

    private byte[] check(PixelLimit limit) throws Rejection {
        ByteArrayOutputStream kept = new ByteArrayOutputStream(image.length);
        kept.write(image, 0, SIGNATURE.length);
        Chunk chunk = next();
        header(chunk, limit);
        boolean data = false;
        while (true) {
            if (chunk.critical()) {
                requireCheckSum(chunk);
                kept.write(image, chunk.start, chunk.length + 12);
            }
            data |= chunk.type == DATA;
            if (chunk.type == END) {
                break;
            }
            chunk = next();
            if (chunk.critical() && chunk.type != PALETTE && chunk.type != DATA && chunk.type != END) {
                throw chunk.type == HEADER
                        ? corrupt("it has more than one chunk IHDR")
                        : new Rejection(
                                RejectReason.UNSUPPORTED_IMAGE,
                                "PNG image has the unknown critical chunk " + chunk.name());
            }
        }
        if (!data) {
            throw corrupt("it has no chunk IDAT");
        }
        return kept.toByteArray();
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
        ByteBuffer header = ByteBuffer.wrap(image, chunk.start + 8, HEADER_SIZE);
        int width = header.getInt();
        int height = header.getInt();
        if (width < 1 || height < 1) {
            throw corrupt("it declares " + Integer.toUnsignedString(width) + " x " + Integer.toUnsignedString(height)
                    + " pixels; each must be in [1, 2^31)");
        }
        limit.require(width, height);
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
