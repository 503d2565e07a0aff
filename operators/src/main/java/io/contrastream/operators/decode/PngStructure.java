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

    private PngStructure() {}

    /** Whether the bytes start with the signature of PNG. */
    static boolean startsIn(byte[] image) {
        return Arrays.mismatch(image, SIGNATURE) == SIGNATURE.length || Arrays.equals(image, SIGNATURE);
    }

    /**
     * Checks the structure, the declared size and the check sums.
     *
     * @param image starts with the signature
     * @return the same image in its critical chunks alone
     * @throws Rejection if it is cut off, inconsistent or declares more than {@code maxPixels} pixels
     */
    static byte[] check(byte[] image, long maxPixels) throws Rejection {
        ByteArrayOutputStream kept = new ByteArrayOutputStream(image.length);
        kept.write(image, 0, SIGNATURE.length);
        ByteBuffer chunks = ByteBuffer.wrap(image).position(SIGNATURE.length);
        boolean data = false;
        for (boolean first = true; ; first = false) {
            int start = chunks.position();
            if (chunks.remaining() < 12) {
                throw new Rejection(
                        RejectReason.TRUNCATED_IMAGE,
                        "PNG image ends after " + image.length + " bytes without chunk IEND");
            }
            int length = chunks.getInt();
            int type = chunks.getInt();
            if (length < 0 || length > chunks.remaining() - 4) {
                throw new Rejection(
                        RejectReason.TRUNCATED_IMAGE,
                        "PNG image of " + image.length + " bytes is cut off in chunk " + name(type) + ", which claims "
                                + Integer.toUnsignedString(length) + " bytes");
            }
            if (first) {
                header(chunks.duplicate(), type, length, maxPixels);
            }
            chunks.position(chunks.position() + length);
            int checkSum = chunks.getInt();
            if ((type & ANCILLARY) != 0) {
                continue;
            }
            CRC32 crc = new CRC32();
            crc.update(image, start + 4, length + 4);
            if ((int) crc.getValue() != checkSum) {
                throw corrupt("the check sum of chunk " + name(type) + " is wrong");
            }
            if (type != HEADER && type != PALETTE && type != DATA && type != END) {
                throw new Rejection(
                        RejectReason.UNSUPPORTED_IMAGE, "PNG image has the unknown critical chunk " + name(type));
            }
            kept.write(image, start, length + 12);
            data |= type == DATA;
            if (type == END) {
                if (!data) {
                    throw corrupt("it has no chunk IDAT");
                }
                return kept.toByteArray();
            }
        }
    }

    private static void header(ByteBuffer header, int type, int length, long maxPixels) throws Rejection {
        if (type != HEADER || length != HEADER_SIZE) {
            throw corrupt("its first chunk is " + name(type) + " of " + length + " bytes, but must be IHDR of "
                    + HEADER_SIZE + " bytes");
        }
        int width = header.getInt();
        int height = header.getInt();
        if (width < 1 || height < 1) {
            throw corrupt("it declares " + Integer.toUnsignedString(width) + " x " + Integer.toUnsignedString(height)
                    + " pixels; each must be in [1, 2^31)");
        }
        ImageDecoder.requirePixels(width, height, maxPixels);
    }

    private static Rejection corrupt(String what) {
        return new Rejection(RejectReason.CORRUPT_IMAGE, "PNG image is damaged: " + what);
    }

    private static String name(int type) {
        StringBuilder name = new StringBuilder(4);
        for (int shift = 24; shift >= 0; shift -= 8) {
            char letter = (char) (type >>> shift & 0xFF);
            name.append(letter > ' ' && letter < 0x7F ? letter : '?');
        }
        return name.toString();
    }
}
