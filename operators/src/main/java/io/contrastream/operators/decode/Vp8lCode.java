package io.contrastream.operators.decode;

/** A canonical prefix code of lossless WebP (RFC 9649, section 3.7.2), in arrays no larger than its symbols need. */
final class Vp8lCode {

    private static final int LONGEST = 15;
    private static final int FAST = 8;
    private static final int[] ORDER = {17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

    /** Symbols in the order of their codes. */
    private final short[] symbols;

    private final short[] counts = new short[LONGEST + 1];
    /** By the next bits, where a code is no longer than these: its symbol and its length. */
    private final int[] fast;

    private final int fastBits;

    private Vp8lCode(int[] lengths, int count) throws Rejection {
        int used = 0;
        int longest = 0;
        for (int i = 0; i < count; i++) {
            if (lengths[i] > 0) {
                counts[lengths[i]]++;
                longest = Math.max(longest, lengths[i]);
                used++;
            }
        }
        symbols = new short[used];
        int[] next = new int[LONGEST + 2];
        int space = 0;
        for (int length = 1; length <= LONGEST; length++) {
            next[length + 1] = next[length] + counts[length];
            space += counts[length] << (LONGEST - length);
        }
        for (int i = 0; i < count; i++) {
            if (lengths[i] > 0) {
                symbols[next[lengths[i]]++] = (short) i;
            }
        }
        if (used == 0 || (used > 1 && space != 1 << LONGEST)) {
            throw corrupt("a prefix code is not complete");
        }
        fastBits = used == 1 ? 0 : Math.min(FAST, longest);
        fast = new int[1 << fastBits];
        if (used > 1) {
            fill();
        }
    }

    private void fill() {
        int code = 0;
        int index = 0;
        for (int length = 1; length <= fastBits; length++) {
            for (int i = 0; i < counts[length]; i++, code++, index++) {
                int reversed = Integer.reverse(code) >>> (32 - length);
                for (int at = reversed; at < fast.length; at += 1 << length) {
                    fast[at] = (symbols[index] & 0xFFFF) << 4 | length;
                }
            }
            code <<= 1;
        }
    }

    /** The code that the bits describe, of symbols below {@code alphabet}. */
    static Vp8lCode read(Vp8lBits bits, int alphabet) throws Rejection {
        int[] lengths = new int[alphabet];
        if (bits.flag()) {
            boolean two = bits.flag();
            set(lengths, bits.number(bits.flag() ? 8 : 1));
            if (two) {
                set(lengths, bits.number(8));
            }
            return new Vp8lCode(lengths, alphabet);
        }
        int[] ofLengths = new int[ORDER.length];
        int count = 4 + bits.number(4);
        for (int i = 0; i < count; i++) {
            ofLengths[ORDER[i]] = bits.number(3);
        }
        Vp8lCode code = new Vp8lCode(ofLengths, ofLengths.length);
        int left = bits.flag() ? 2 + bits.number(2 + 2 * bits.number(3)) : alphabet;
        int before = 8;
        int symbol = 0;
        while (symbol < alphabet && left-- > 0) {
            int length = code.next(bits);
            if (length < 16) {
                lengths[symbol++] = length;
                before = length == 0 ? before : length;
                continue;
            }
            int repeat = length == 16 ? 3 + bits.number(2) : length == 17 ? 3 + bits.number(3) : 11 + bits.number(7);
            if (repeat > alphabet - symbol) {
                throw corrupt("a prefix code has more symbols than there are");
            }
            if (length == 16) {
                java.util.Arrays.fill(lengths, symbol, symbol + repeat, before);
            }
            symbol += repeat;
        }
        return new Vp8lCode(lengths, alphabet);
    }

    private static void set(int[] lengths, int symbol) throws Rejection {
        if (symbol >= lengths.length) {
            throw corrupt("a prefix code has the symbol " + symbol + ", which there is not");
        }
        lengths[symbol] = 1;
    }

    /** The next symbol. */
    int next(Vp8lBits bits) {
        if (fastBits == 0) {
            return symbols[0] & 0xFFFF;
        }
        int ahead = bits.peek();
        int found = fast[ahead & ((1 << fastBits) - 1)];
        if (found != 0) {
            bits.skip(found & 15);
            return found >>> 4;
        }
        int code = 0;
        int first = 0;
        int index = 0;
        for (int length = 1; length <= LONGEST; length++) {
            code = (code << 1) | ((ahead >>> (length - 1)) & 1);
            int count = counts[length];
            if (code - first < count) {
                bits.skip(length);
                return symbols[index + code - first] & 0xFFFF;
            }
            index += count;
            first = (first + count) << 1;
        }
        throw new IllegalStateException("a complete code has a symbol for all bits");
    }

    private static Rejection corrupt(String what) {
        return new Rejection(RejectReason.CORRUPT_IMAGE, "WebP image is damaged: " + what);
    }
}
