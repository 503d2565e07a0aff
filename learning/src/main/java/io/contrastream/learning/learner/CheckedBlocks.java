package io.contrastream.learning.learner;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.zip.CRC32C;

/** Bytes and floats, big-endian, with a checksum behind them. */
final class CheckedBlocks {

    private static final int CHUNK = 1 << 16;

    private CheckedBlocks() {}

    /** Writes length, bytes and checksum. */
    static void write(byte[] bytes, DataOutput out) throws IOException {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, 0, bytes.length);
        out.writeInt(bytes.length);
        out.write(bytes);
        out.writeInt((int) checksum.getValue());
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws IOException naming {@code what}, if it is damaged
     */
    static DataInput read(DataInput in, String what) throws IOException {
        int length = in.readInt();
        if (length < 0) {
            throw damaged(what);
        }
        // In chunks: a damaged length is to end in an error, not in an allocation of gigabytes.
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] chunk = new byte[Math.min(length, CHUNK)];
        while (bytes.size() < length) {
            int part = Math.min(chunk.length, length - bytes.size());
            in.readFully(chunk, 0, part);
            bytes.write(chunk, 0, part);
        }
        byte[] block = bytes.toByteArray();
        CRC32C checksum = new CRC32C();
        checksum.update(block, 0, block.length);
        if (in.readInt() != (int) checksum.getValue()) {
            throw damaged(what);
        }
        return new DataInputStream(new ByteArrayInputStream(block));
    }

    /** Writes the values of all arrays and a checksum. */
    static void writeFloats(List<float[]> arrays, DataOutput out) throws IOException {
        CRC32C checksum = new CRC32C();
        byte[] chunk = new byte[CHUNK];
        FloatBuffer floats = ByteBuffer.wrap(chunk).asFloatBuffer();
        for (float[] values : arrays) {
            for (int start = 0; start < values.length; start += floats.capacity()) {
                int count = Math.min(floats.capacity(), values.length - start);
                floats.rewind().put(values, start, count);
                checksum.update(chunk, 0, count * Float.BYTES);
                out.write(chunk, 0, count * Float.BYTES);
            }
        }
        out.writeInt((int) checksum.getValue());
    }

    /**
     * Reads what {@link #writeFloats} wrote into arrays of the same lengths.
     *
     * @throws IOException naming {@code what}, if it is damaged
     */
    static void readFloats(List<float[]> arrays, DataInput in, String what) throws IOException {
        CRC32C checksum = new CRC32C();
        byte[] chunk = new byte[CHUNK];
        FloatBuffer floats = ByteBuffer.wrap(chunk).asFloatBuffer();
        for (float[] values : arrays) {
            for (int start = 0; start < values.length; start += floats.capacity()) {
                int count = Math.min(floats.capacity(), values.length - start);
                in.readFully(chunk, 0, count * Float.BYTES);
                checksum.update(chunk, 0, count * Float.BYTES);
                floats.rewind().get(values, start, count);
            }
        }
        if (in.readInt() != (int) checksum.getValue()) {
            throw damaged(what);
        }
    }

    private static IOException damaged(String what) {
        return new IOException("the learner state is damaged: the checksum of its " + what + " does not match");
    }
}
