package io.contrastream.operators.decode;

/** The arithmetic decoder of VP8 (RFC 6386, section 7) over a part of a file. */
final class Vp8Bits {

    private final byte[] bytes;
    private final int end;
    private int position;
    private int range = 255;
    private int value;
    private int bits = -8;
    private boolean exhausted;

    Vp8Bits(byte[] bytes, int start, int end) {
        this.bytes = bytes;
        this.position = start;
        this.end = end;
    }

    /** Whether more bits have been taken than there are; the missing ones were zero. */
    boolean exhausted() {
        return exhausted;
    }

    /**
     * The next bit.
     *
     * @param probability of a zero, in 256ths
     */
    int bit(int probability) {
        if (bits < 0) {
            load();
        }
        int split = 1 + (((range - 1) * probability) >> 8);
        int bit;
        if (value >>> bits >= split) {
            range -= split;
            value -= split << bits;
            bit = 1;
        } else {
            range = split;
            bit = 0;
        }
        if (range < 128) {
            int shift = Integer.numberOfLeadingZeros(range) - 24;
            range <<= shift;
            bits -= shift;
        }
        return bit;
    }

    private void load() {
        int next = 0;
        if (position < end) {
            next = bytes[position++] & 0xFF;
        } else {
            exhausted = true;
        }
        value = value << 8 | next;
        bits += 8;
    }

    boolean flag() {
        return bit(128) == 1;
    }

    /** An unsigned number, most significant bit first. */
    int number(int size) {
        int number = 0;
        for (int i = 0; i < size; i++) {
            number = number << 1 | bit(128);
        }
        return number;
    }

    /** A number with its sign behind it. */
    int signed(int size) {
        int number = number(size);
        return flag() ? -number : number;
    }

    /** A number with its sign behind it, or zero if a flag says that there is none. */
    int optional(int size) {
        return flag() ? signed(size) : 0;
    }
}
