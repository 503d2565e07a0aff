package io.contrastream.operators.decode;

/** Colour numbers of a frame of a GIF, compressed by LZW with codes of up to 12 bits (GIF89a specification, appendix F). */
final class GifCodes {

    private static final int MOST_BITS = 12;
    private static final int MOST_CODES = 1 << MOST_BITS;
    private static final int NONE = -1;

    private final byte[] data;
    private final int clear;
    private final byte[] numbers;
    private final int[] prefixes = new int[MOST_CODES];
    private final byte[] suffixes = new byte[MOST_CODES];
    private final byte[] reversed = new byte[MOST_CODES + 1];
    private int from;
    private int buffer;
    private int available;
    private int written;
    private boolean ended;

    /**
     * Over compressed numbers.
     *
     * @param bits of a colour number, 1 to 8
     * @param data the contents of all blocks, one after another
     * @param count how many numbers there are to be
     */
    GifCodes(int bits, byte[] data, int count) {
        this.data = data;
        this.clear = 1 << bits;
        this.numbers = new byte[count];
    }

    /**
     * Expands all numbers.
     *
     * @return as many as were asked for, zeros behind those that are {@link #written}
     * @throws Rejection if a code is none, or there are more numbers
     */
    byte[] expand() throws Rejection {
        int smallest = Integer.numberOfTrailingZeros(clear) + 1;
        int bits = smallest;
        int next = clear + 2;
        int before = NONE;
        byte first = 0;
        for (int code = code(bits); code != NONE; code = code(bits)) {
            if (code == clear) {
                bits = smallest;
                next = clear + 2;
                before = NONE;
                continue;
            }
            if (code == clear + 1) {
                ended = true;
                return numbers;
            }
            if (before == NONE ? code > clear : code > next) {
                throw damaged("code " + code + " of its pixels comes before what it stands for");
            }
            int length = 0;
            int at = code;
            if (code == next) {
                reversed[length++] = first;
                at = before;
            }
            while (at >= clear) {
                reversed[length++] = suffixes[at];
                at = prefixes[at];
            }
            first = (byte) at;
            reversed[length++] = first;
            put(length);
            if (before != NONE && next < MOST_CODES) {
                prefixes[next] = before;
                suffixes[next++] = first;
                if (next == 1 << bits && bits < MOST_BITS) {
                    bits++;
                }
            }
            before = code;
        }
        return numbers;
    }

    /** How many numbers there were. */
    int written() {
        return written;
    }

    /** Whether the code for the end was among the data. */
    boolean ended() {
        return ended;
    }

    /** The next code, least significant bit first; {@link #NONE} at the end of the data. */
    private int code(int bits) {
        while (available < bits) {
            if (from == data.length) {
                return NONE;
            }
            buffer |= (data[from++] & 0xFF) << available;
            available += 8;
        }
        int code = buffer & ((1 << bits) - 1);
        buffer >>>= bits;
        available -= bits;
        return code;
    }

    private void put(int length) throws Rejection {
        if (length > numbers.length - written) {
            throw damaged("its first frame has more than the " + numbers.length + " pixels that its header declares");
        }
        for (int i = length - 1; i >= 0; i--) {
            numbers[written++] = reversed[i];
        }
    }

    private static Rejection damaged(String what) {
        return new Rejection(RejectReason.CORRUPT_IMAGE, "GIF image is damaged: " + what);
    }
}
