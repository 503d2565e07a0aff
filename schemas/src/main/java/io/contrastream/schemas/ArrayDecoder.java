package io.contrastream.schemas;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.io.Decoder;
import org.apache.avro.util.Utf8;

/**
 * Reads Avro's binary encoding from an array, and never allocates more than a small multiple of what is in it: a length is checked
 * against the bytes that are left before anything is allocated. Avro's own decoder allocates what the input claims (up to 2 GiB for a
 * string), unless limits are set for the whole JVM by system properties, which a library should not do.
 *
 * <p>Every malformed input ends in an {@link IOException} or an {@link AvroRuntimeException}. Not thread-safe.
 *
 * <p>Source: Avro 1.11 specification, "Binary Encoding".
 */
final class ArrayDecoder extends Decoder {

    /** Collections are presented in blocks of at most this number of items, since the reader allocates room for a block's items at once. */
    private static final int MAX_BLOCK_ITEMS = 4096;

    private final byte[] bytes;
    private final ByteBuffer fixedWidth;
    private int position;
    /** Nesting of the collections that are being read. */
    private int depth = -1;
    /** By depth: items of the current block that have not been presented yet. */
    private long[] pendingItems = new long[2];

    ArrayDecoder(byte[] bytes, int offset) {
        this.bytes = bytes;
        this.fixedWidth = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        this.position = offset;
    }

    /** Number of bytes that have not been read. */
    int remaining() {
        return bytes.length - position;
    }

    @Override
    public void readNull() {}

    @Override
    public boolean readBoolean() throws IOException {
        return bytes[take(1)] == 1;
    }

    @Override
    public int readInt() throws IOException {
        long value = readLong();
        if (value != (int) value) {
            throw new IOException("an int is out of range: " + value);
        }
        return (int) value;
    }

    @Override
    public long readLong() throws IOException {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte b = bytes[take(1)];
            value |= (b & 0x7fL) << shift;
            if (b >= 0) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw new IOException("a variable-length number has more than 10 bytes");
    }

    @Override
    public float readFloat() throws IOException {
        return fixedWidth.getFloat(take(Float.BYTES));
    }

    @Override
    public double readDouble() throws IOException {
        return fixedWidth.getDouble(take(Double.BYTES));
    }

    @Override
    public String readString() throws IOException {
        int length = readLength();
        int start = take(length);
        String text = new String(bytes, start, length, StandardCharsets.UTF_8);
        if (text.indexOf('\uFFFD') >= 0) { // the replacement of what is malformed, unless it was sent as such
            requireUtf8(start, length);
        }
        return text;
    }

    @Override
    public Utf8 readString(Utf8 old) throws IOException {
        return new Utf8(readString());
    }

    @Override
    public void skipString() throws IOException {
        take(readLength());
    }

    @Override
    public ByteBuffer readBytes(ByteBuffer old) throws IOException {
        int length = readLength();
        byte[] copy = new byte[length];
        System.arraycopy(bytes, take(length), copy, 0, length);
        return ByteBuffer.wrap(copy);
    }

    @Override
    public void skipBytes() throws IOException {
        take(readLength());
    }

    @Override
    public void readFixed(byte[] target, int start, int length) throws IOException {
        System.arraycopy(bytes, take(length), target, start, length);
    }

    @Override
    public void skipFixed(int length) throws IOException {
        take(length);
    }

    @Override
    public int readEnum() throws IOException {
        return readInt();
    }

    @Override
    public int readIndex() throws IOException {
        return readInt();
    }

    @Override
    public long readArrayStart() throws IOException {
        depth++;
        if (depth == pendingItems.length) {
            pendingItems = Arrays.copyOf(pendingItems, 2 * depth);
        }
        pendingItems[depth] = 0;
        return arrayNext();
    }

    @Override
    public long arrayNext() throws IOException {
        if (pendingItems[depth] == 0) {
            pendingItems[depth] = readBlockCount();
        }
        long items = Math.min(pendingItems[depth], MAX_BLOCK_ITEMS);
        pendingItems[depth] -= items;
        if (items == 0) {
            depth--;
        }
        return items;
    }

    @Override
    public long skipArray() throws IOException {
        return readBlockCount();
    }

    @Override
    public long readMapStart() throws IOException {
        return readArrayStart();
    }

    @Override
    public long mapNext() throws IOException {
        return arrayNext();
    }

    @Override
    public long skipMap() throws IOException {
        return skipArray();
    }

    private long readBlockCount() throws IOException {
        long count = readLong();
        if (count < 0) { // the block's size in bytes follows, for those who skip it
            readLong();
            count = -count;
        }
        if (count < 0 || count > remaining()) {
            throw new EOFException("a collection claims %d items and %d bytes are left".formatted(count, remaining()));
        }
        return count;
    }

    private int readLength() throws IOException {
        long length = readLong();
        if (length < 0 || length > remaining()) {
            throw new EOFException("a field claims %d bytes and %d are left".formatted(length, remaining()));
        }
        return (int) length;
    }

    /** Moves over {@code length} bytes and returns where they start. */
    private int take(int length) throws IOException {
        if (length > remaining()) {
            throw new EOFException("it is truncated: %d bytes expected and %d left".formatted(length, remaining()));
        }
        int start = position;
        position += length;
        return start;
    }

    private void requireUtf8(int start, int length) throws IOException {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, start, length));
        } catch (CharacterCodingException e) {
            throw new IOException("a string is not valid UTF-8", e);
        }
    }
}
