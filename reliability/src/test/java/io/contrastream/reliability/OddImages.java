package io.contrastream.reliability;

import io.contrastream.testing.PngBytes;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Images of every kind that cameras, tools and attackers make, and bytes that only look like one. */
final class OddImages {

    private static final int SIGNATURE_BYTES = 8;
    private static final int SIDE = 20;

    private OddImages() {}

    /** A disc on noise. */
    static BufferedImage image(Random random, int type) {
        BufferedImage image = new BufferedImage(SIDE, SIDE, type);
        for (int i = 0; i < SIDE * SIDE; i++) {
            image.setRGB(i % SIDE, i / SIDE, random.nextInt() & 0x803F3F3F);
        }
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Color.getHSBColor(random.nextFloat(), 1, 1));
        graphics.fillOval(random.nextInt(SIDE / 2), random.nextInt(SIDE / 2), SIDE / 2, SIDE / 2);
        graphics.dispose();
        return image;
    }

    static byte[] written(BufferedImage image, String format, boolean progressive) {
        return written(new IIOImage(image, null, null), format, progressive);
    }

    /** A JPEG of four components, which is how CMYK is stored. */
    static byte[] cmyk(Random random) {
        WritableRaster raster = Raster.createInterleavedRaster(0, SIDE, SIDE, 4, null);
        byte[] samples = new byte[4 * SIDE * SIDE];
        random.nextBytes(samples);
        raster.setDataElements(0, 0, SIDE, SIDE, samples);
        return written(new IIOImage(raster, null, null), "jpeg", false);
    }

    private static byte[] written(IIOImage image, String format, boolean progressive) {
        ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            writer.setOutput(out);
            ImageWriteParam parameters = writer.getDefaultWriteParam();
            if (progressive) {
                parameters.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
            }
            writer.write(null, image, parameters);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    /** 16-bit colour with alpha, as large as it is black: some hundred kilobytes that become many megabytes. */
    static byte[] blackPng(int side) {
        return png(PngBytes.header(side, side, 16, 6), PngBytes.chunk("IDAT", deflated((8L * side + 1) * side)));
    }

    /** All in order, but for pixels that are not there. */
    static byte[] pngThatClaims(int width, int height) {
        return png(PngBytes.header(width, height, 8, 2), PngBytes.chunk("IDAT", deflated(100)));
    }

    /** With more behind its pixels than an image of that size has. */
    static byte[] pngWithMorePixelData(long bytes) {
        return png(PngBytes.header(4, 4, 8, 2), PngBytes.chunk("IDAT", deflated(bytes)));
    }

    /** The image, and a compressed text before its pixels. */
    static byte[] pngWithText(byte[] png, long bytes) {
        return withChunkAfterHeader(
                png, PngBytes.chunk("zTXt", join("Comment\0\0".getBytes(StandardCharsets.US_ASCII), deflated(bytes))));
    }

    /** The image as the first frame of an animation. */
    static byte[] animatedPng(byte[] png) {
        byte[] control = PngBytes.chunk(
                "acTL", ByteBuffer.allocate(8).putInt(1000).putInt(0).array());
        byte[] frame = PngBytes.chunk(
                "fcTL",
                ByteBuffer.allocate(26)
                        .putInt(0)
                        .putInt(SIDE)
                        .putInt(SIDE)
                        .putInt(0)
                        .putInt(0)
                        .array());
        return withChunkAfterHeader(png, join(control, frame));
    }

    /** The JPEG with another kind or size in its frame header; -1 to leave a thing as it is. */
    static byte[] withFrame(byte[] jpeg, int marker, int width, int height) {
        byte[] changed = jpeg.clone();
        for (int i = 2;
                i < changed.length - 9;
                i += 2 + ByteBuffer.wrap(changed).getShort(i + 2)) {
            int kind = changed[i + 1] & 0xFF;
            if (kind == 0xC0 || kind == 0xC2) {
                changed[i + 1] = (byte) (marker < 0 ? kind : marker);
                if (width >= 0) {
                    ByteBuffer.wrap(changed).putShort(i + 5, (short) height).putShort(i + 7, (short) width);
                }
                return changed;
            }
        }
        throw new IllegalArgumentException("no frame header");
    }

    /** The JPEG whose last scan comes again and again. */
    static byte[] withScans(byte[] jpeg, int scans) {
        int scan = jpeg.length - 2;
        while ((jpeg[scan] & 0xFF) != 0xFF || (jpeg[scan + 1] & 0xFF) != 0xDA) {
            scan--;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(jpeg, 0, scan);
        for (int i = 0; i < scans; i++) {
            bytes.write(jpeg, scan, jpeg.length - 2 - scan);
        }
        bytes.write(jpeg, jpeg.length - 2, 2);
        return bytes.toByteArray();
    }

    /** Some bytes changed, or a part left out, doubled or cut off. */
    static byte[] damaged(byte[] bytes, Random random) {
        int at = random.nextInt(bytes.length);
        int length = Math.min(bytes.length - at, 1 + random.nextInt(16));
        byte[] before = Arrays.copyOf(bytes, at);
        byte[] part = Arrays.copyOfRange(bytes, at, at + length);
        byte[] after = Arrays.copyOfRange(bytes, at + length, bytes.length);
        return switch (random.nextInt(6)) {
            case 0 -> before;
            case 1 -> join(before, after);
            case 2 -> join(before, part, part, after);
            case 3 -> {
                Arrays.fill(part, (byte) (random.nextBoolean() ? 0xFF : 0));
                yield join(before, part, after);
            }
            default -> {
                byte[] changed = bytes.clone();
                for (int i = 0; i < length; i++) {
                    changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
                }
                yield changed;
            }
        };
    }

    /** With right check sums behind the chunks as far as they can be followed, so that damage gets to the decoder. */
    static byte[] withCheckSums(byte[] png) {
        ByteBuffer chunks = ByteBuffer.wrap(png.clone());
        int at = SIGNATURE_BYTES;
        while (at + 12 <= png.length) {
            int length = chunks.getInt(at);
            if (length < 0 || length > png.length - at - 12) {
                break;
            }
            chunks.putInt(at + 8 + length, checkSum(png, at + 4, length + 4));
            at += length + 12;
        }
        return chunks.array();
    }

    private static byte[] png(byte[] header, byte[] data) {
        return PngBytes.of(header, data, PngBytes.end());
    }

    private static byte[] withChunkAfterHeader(byte[] png, byte[] chunk) {
        int end = SIGNATURE_BYTES + 25;
        return join(Arrays.copyOf(png, end), chunk, Arrays.copyOfRange(png, end, png.length));
    }

    private static int checkSum(byte[] bytes, int offset, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }

    /** So many zeros. */
    private static byte[] deflated(long zeros) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new DeflaterOutputStream(bytes)) {
            byte[] block = new byte[1 << 16];
            for (long left = zeros; left > 0; left -= block.length) {
                out.write(block, 0, (int) Math.min(left, block.length));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Arrays.stream(parts).forEach(bytes::writeBytes);
        return bytes.toByteArray();
    }
}
