package io.contrastream.operators.decode;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Strips and tiles of a TIFF, expanded into an array of the size that the header asks for and no further. */
final class TiffCompression {

    static final int NONE = 1;
    static final int LZW = 5;
    static final int DEFLATE = 8;
    static final int OLD_DEFLATE = 32946;
    static final int PACKBITS = 32773;

    private static final int CLEAR = 256;
    private static final int END = 257;

    private final byte[] image;
    private final byte[] data;
    private final long most;
    private int from;
    private final int end;
    private long written;

    private TiffCompression(byte[] image, int start, int length, byte[] data, long most) {
        this.image = image;
        this.from = start;
        this.end = start + length;
        this.data = data;
        this.most = most;
    }

    /**
     * Expands a strip or a tile.
     *
     * @param start within the image, like {@code start + length}
     * @param most bytes that there may be: those that do not fit are dropped
     * @return how many bytes there were, at most those that fit
     * @throws Rejection if there are more than {@code most} bytes, or they cannot be made sense of
     */
    static int expand(byte[] image, int start, int length, int compression, byte[] data, long most) throws Rejection {
        TiffCompression expansion = new TiffCompression(image, start, length, data, most);
        switch (compression) {
            case NONE -> {
                int there = Math.min(length, data.length);
                System.arraycopy(image, start, data, 0, there);
                return there;
            }
            case PACKBITS -> expansion.packBits();
            case LZW -> expansion.lzw();
            case DEFLATE, OLD_DEFLATE -> expansion.inflate();
            default -> throw new IllegalArgumentException("compression " + compression);
        }
        return (int) Math.min(expansion.written, data.length);
    }

    private void put(byte value) throws Rejection {
        if (written == most) {
            throw damaged("has more than the " + most + " bytes that its header declares");
        }
        if (written < data.length) {
            data[(int) written] = value;
        }
        written++;
    }

    private void packBits() throws Rejection {
        while (from < end) {
            int count = image[from++];
            if (count >= 0) {
                for (int i = 0; i <= count && from < end; i++) {
                    put(image[from++]);
                }
            } else if (count != -128 && from < end) {
                byte value = image[from++];
                for (int i = 0; i <= -count; i++) {
                    put(value);
                }
            }
        }
    }

    private void inflate() throws Rejection {
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(image, from, end - from);
            written = 0;
            while (written < data.length) {
                int inflated = inflater.inflate(data, (int) written, data.length - (int) written);
                if (inflated == 0) {
                    return;
                }
                written += inflated;
            }
            byte[] more = new byte[1024];
            for (int inflated = inflater.inflate(more); inflated > 0; inflated = inflater.inflate(more)) {
                if (written + inflated > most) {
                    written = most;
                }
                put(more[0]);
                written += inflated - 1;
            }
        } catch (DataFormatException e) {
            throw damaged("cannot be inflated");
        } finally {
            inflater.end();
        }
    }

    /** LZW with codes of 9 to 12 bits, most significant bit first (TIFF 6.0, section 13). */
    private void lzw() throws Rejection {
        int[] prefixes = new int[4096];
        byte[] suffixes = new byte[4096];
        byte[] reversed = new byte[4097];
        int bits = 9;
        int next = 258;
        int before = -1;
        int buffer = 0;
        int available = 0;
        byte first = 0;
        while (true) {
            while (available < bits) {
                if (from == end) {
                    return;
                }
                buffer = (buffer << 8) | (image[from++] & 0xFF);
                available += 8;
            }
            int code = buffer >>> (available - bits) & ((1 << bits) - 1);
            available -= bits;
            if (code == END) {
                return;
            }
            if (code == CLEAR) {
                bits = 9;
                next = 258;
                before = -1;
                continue;
            }
            if (before < 0 ? code > 255 : code > next) {
                throw damaged("has a code before what it stands for");
            }
            int length = 0;
            int at = code;
            if (before >= 0 && code == next) {
                reversed[length++] = first;
                at = before;
            }
            while (at > 255) {
                reversed[length++] = suffixes[at];
                at = prefixes[at];
            }
            first = (byte) at;
            reversed[length++] = first;
            while (length > 0) {
                put(reversed[--length]);
            }
            if (before >= 0 && next < 4096) {
                prefixes[next] = before;
                suffixes[next++] = first;
                if (next == (1 << bits) - 1 && bits < 12) {
                    bits++;
                }
            }
            before = code;
        }
    }

    private static Rejection damaged(String what) {
        return new Rejection(RejectReason.CORRUPT_IMAGE, "TIFF image is damaged: a strip or tile " + what);
    }
}
