package io.contrastream.operators.learn.state;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;

/** A stream of bytes in arrays of bounded size: weights may be larger than an array, and one array of them is hard to allocate. */
final class Chunks extends OutputStream {

    private final int size;
    private final List<byte[]> full = new ArrayList<>();
    private byte[] current;
    private int used;

    /** @param size of all arrays but the last, at least 1 */
    Chunks(int size) {
        this.size = size;
        this.current = new byte[size];
    }

    @Override
    public void write(int value) {
        if (used == size) {
            startNext();
        }
        current[used++] = (byte) value;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        int from = offset;
        int left = length;
        while (left > 0) {
            if (used == size) {
                startNext();
            }
            int part = Math.min(left, size - used);
            System.arraycopy(bytes, from, current, used, part);
            used += part;
            from += part;
            left -= part;
        }
    }

    private void startNext() {
        full.add(current);
        current = new byte[size];
        used = 0;
    }

    /** Everything written so far. */
    List<byte[]> arrays() {
        List<byte[]> arrays = new ArrayList<>(full);
        arrays.add(Arrays.copyOf(current, used));
        return arrays;
    }

    /** The bytes of the arrays, one after another. */
    static InputStream read(Collection<byte[]> arrays) {
        return new SequenceInputStream(Collections.enumeration(
                arrays.stream().map(ByteArrayInputStream::new).toList()));
    }
}
