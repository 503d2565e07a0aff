package io.contrastream.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/** PNG files put together chunk by chunk, also such as nobody's tool writes. */
public final class PngBytes {

    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

    private PngBytes() {}

    /** A file of the given chunks: {@link #header}, {@link #chunk} and {@link #end}. */
    public static byte[] of(byte[]... chunks) {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        png.writeBytes(SIGNATURE);
        Arrays.stream(chunks).forEach(png::writeBytes);
        return png.toByteArray();
    }

    /** The chunk that says what the image is, whether it is true or not. */
    public static byte[] header(int width, int height, int depth, int colour) {
        return chunk(
                "IHDR",
                ByteBuffer.allocate(13)
                        .putInt(width)
                        .putInt(height)
                        .put((byte) depth)
                        .put((byte) colour)
                        .put(new byte[3])
                        .array());
    }

    /** The chunk of an image's rows. */
    public static byte[] data(byte[] rows) {
        return chunk("IDAT", deflated(rows));
    }

    /** The chunk that ends a file. */
    public static byte[] end() {
        return chunk("IEND", new byte[0]);
    }

    /** A chunk with the right check sum. */
    public static byte[] chunk(String type, byte[] data) {
        byte[] name = type.getBytes(StandardCharsets.ISO_8859_1);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(data);
        return ByteBuffer.allocate(data.length + 12)
                .putInt(data.length)
                .put(name)
                .put(data)
                .putInt((int) crc.getValue())
                .array();
    }

    /** Compressed as data of a PNG is. */
    public static byte[] deflated(byte[] bytes) {
        ByteArrayOutputStream deflated = new ByteArrayOutputStream();
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
        try (DeflaterOutputStream out = new DeflaterOutputStream(deflated, deflater)) {
            out.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            deflater.end();
        }
        return deflated.toByteArray();
    }
}
