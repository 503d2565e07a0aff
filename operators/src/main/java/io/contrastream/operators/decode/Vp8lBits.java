package io.contrastream.operators.decode;

/** Bits of lossless WebP, least significant first. Beyond the end they are zero. */
final class Vp8lBits {

    private final byte[] bytes;
    private final int end;
    private int position;
    private long buffer;
    private int available;
    private int missing;

    Vp8lBits(byte[] bytes, int start, int end) {
        this.bytes = bytes;
        this.position = start;
        this.end = end;
    }

    /**
     * The next bits as a number.
     *
     * @param count 0 to 24
     */
    int number(int count) {
        int number = peek() & ((1 << count) - 1);
        skip(count);
        return number;
    }

    boolean flag() {
        return number(1) == 1;
    }

    /** At least 24 of the next bits, without taking them. */
    int peek() {
        while (available <= 24) {
            if (position < end) {
                buffer |= (bytes[position++] & 0xFFL) << available;
            } else {
                missing += 8;
            }
            available += 8;
        }
        return (int) buffer;
    }

    /** Takes bits that have been peeked at. */
    void skip(int count) {
        buffer >>>= count;
        available -= count;
    }

    /** Whether more bits have been taken than there are. */
    boolean exhausted() {
        return missing > available;
    }
}
