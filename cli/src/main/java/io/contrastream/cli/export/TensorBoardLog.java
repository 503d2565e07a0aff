package io.contrastream.cli.export;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * An event file of scalars, as TensorBoard reads it: records of TFRecord with an {@code Event} of TensorFlow's {@code event.proto}
 * each. Not thread-safe.
 */
public final class TensorBoardLog implements AutoCloseable {

    private static final int VERSION = 3; // fields of Event
    private static final int SUMMARY = 5;
    private static final int VALUE = 1; // of Summary
    private static final int TAG = 1; // of Summary.Value
    private static final int SIMPLE_VALUE = 2;

    private final OutputStream out;

    /**
     * Begins the event file of a folder anew. What the folder has of others stays.
     *
     * @param millis the time now
     */
    public TensorBoardLog(Path folder, long millis) throws IOException {
        Files.createDirectories(folder);
        out = new BufferedOutputStream(Files.newOutputStream(folder.resolve("events.out.tfevents.0.contrastream")));
        Message event = event(millis, 0);
        event.bytes(VERSION, "brain.Event:2".getBytes(StandardCharsets.UTF_8));
        write(event);
    }

    /**
     * Adds scalars.
     *
     * @param step what they are drawn over
     * @param scalars value by name
     */
    public void add(long millis, long step, Map<String, Double> scalars) throws IOException {
        Message summary = new Message();
        scalars.forEach((name, scalar) -> {
            Message value = new Message();
            value.bytes(TAG, name.getBytes(StandardCharsets.UTF_8));
            value.float32(SIMPLE_VALUE, scalar.floatValue());
            summary.bytes(VALUE, value.bytes());
        });
        Message event = event(millis, step);
        event.bytes(SUMMARY, summary.bytes());
        write(event);
    }

    private static Message event(long millis, long step) {
        Message event = new Message();
        event.float64(1, millis / 1e3);
        if (step != 0) {
            event.int64(2, step);
        }
        return event;
    }

    /** A record: length, its checksum, data, their checksum. */
    private void write(Message event) throws IOException {
        byte[] data = event.bytes();
        byte[] length = little(8).putLong(data.length).array();
        out.write(length);
        out.write(little(4).putInt(checksum(length)).array());
        out.write(data);
        out.write(little(4).putInt(checksum(data)).array());
        out.flush();
    }

    /** CRC-32C, rotated and offset as TFRecord wants it. */
    private static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        int value = (int) crc.getValue();
        return Integer.rotateRight(value, 15) + 0xa282ead8;
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void close() throws IOException {
        out.close();
    }

    /** A message in Protocol Buffers' encoding. */
    private static final class Message {

        private final ByteArrayOutputStream encoded = new ByteArrayOutputStream();

        byte[] bytes() {
            return encoded.toByteArray();
        }

        void int64(int field, long value) {
            varint(field << 3);
            varint(value);
        }

        void float64(int field, double value) {
            varint((field << 3) | 1);
            encoded.writeBytes(little(8).putDouble(value).array());
        }

        void float32(int field, float value) {
            varint((field << 3) | 5);
            encoded.writeBytes(little(4).putFloat(value).array());
        }

        void bytes(int field, byte[] value) {
            varint((field << 3) | 2);
            varint(value.length);
            encoded.writeBytes(value);
        }

        private void varint(long value) {
            long rest = value;
            while ((rest & ~0x7fL) != 0) {
                encoded.write((int) ((rest & 0x7f) | 0x80));
                rest >>>= 7;
            }
            encoded.write((int) rest);
        }
    }
}
