package io.contrastream.operators.decode;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** The one thing of Exif that matters here: how the image is to be turned. Whatever cannot be read says nothing. */
final class Exif {

    /** The first row is the top, the first column the left. */
    static final int UPRIGHT = 1;

    private static final byte[] HEAD = {'E', 'x', 'i', 'f', 0, 0};
    private static final int ORIENTATION = 0x0112;
    private static final int SHORT = 3;

    private Exif() {}

    /** Whether the bytes from {@code start} are a segment of Exif in a JPEG. */
    static boolean startsIn(byte[] bytes, int start, int length) {
        return length >= HEAD.length && Arrays.equals(bytes, start, start + HEAD.length, HEAD, 0, HEAD.length);
    }

    /**
     * Orientation in a TIFF structure, with or without the head that JPEG puts before it.
     *
     * @return 1 to 8; 1 if there is none that is valid
     */
    static int orientation(byte[] bytes, int start, int length) {
        int head = startsIn(bytes, start, length) ? HEAD.length : 0;
        ByteBuffer tiff = ByteBuffer.wrap(bytes, start + head, length - head).slice();
        if (tiff.remaining() < 8) {
            return UPRIGHT;
        }
        if (tiff.get(0) == 'I' && tiff.get(1) == 'I') {
            tiff.order(ByteOrder.LITTLE_ENDIAN);
        } else if (tiff.get(0) != 'M' || tiff.get(1) != 'M') {
            return UPRIGHT;
        }
        int at = tiff.getInt(4);
        if (at < 8 || at > tiff.limit() - 2) {
            return UPRIGHT;
        }
        int entries = tiff.getShort(at) & 0xFFFF;
        for (int entry = at + 2; entries > 0 && entry <= tiff.limit() - 12; entry += 12, entries--) {
            if ((tiff.getShort(entry) & 0xFFFF) == ORIENTATION && tiff.getShort(entry + 2) == SHORT) {
                return valid(tiff.getShort(entry + 8));
            }
        }
        return UPRIGHT;
    }

    /** The orientation if it is one, else upright. */
    static int valid(int orientation) {
        return orientation >= 1 && orientation <= 8 ? orientation : UPRIGHT;
    }
}
