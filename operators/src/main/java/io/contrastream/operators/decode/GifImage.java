package io.contrastream.operators.decode;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The first frame of a GIF (GIF89a specification), on the screen that the file declares, or that the frame needs. The JDK decodes
 * the frame's pixel numbers from a file of that frame alone; screen, palette and transparency are this class's business.
 */
final class GifImage {

    private static final int EXTENSION = 0x21;
    private static final int FRAME = 0x2C;
    private static final int GRAPHIC_CONTROL = 0xF9;
    private static final int PALETTE = 0x80;
    private static final int OPAQUE = -1;

    private final byte[] image;
    private final PixelLimit limit;
    private final boolean cutOffAllowed;
    private int position = 6;
    private int transparent = OPAQUE;
    private int left;
    private int top;
    private int frameWidth;
    private int frameHeight;
    private int width;
    private int height;
    private Palette palette;

    private GifImage(byte[] image, PixelLimit limit, boolean cutOffAllowed) {
        this.image = image;
        this.limit = limit;
        this.cutOffAllowed = cutOffAllowed;
    }

    /** @throws Rejection if it is cut off, inconsistent or declares more pixels than the limit */
    static Picture read(byte[] image, PixelLimit limit, boolean cutOffAllowed) throws Rejection {
        return new GifImage(image, limit, cutOffAllowed).read();
    }

    /** Everything about a GIF that can be known before its pixels are, as {@link #read} checks it. */
    static void check(byte[] image, PixelLimit limit, boolean cutOffAllowed) throws Rejection {
        GifImage gif = new GifImage(image, limit, cutOffAllowed);
        gif.header();
        gif.palette(gif.next(), gif.palette);
        gif.data();
    }

    private void header() throws Rejection {
        int screenWidth = twoBytes();
        int screenHeight = twoBytes();
        int flags = next();
        skip(2);
        palette = palette(flags, Palette.grey());
        skipToFrame();
        left = twoBytes();
        top = twoBytes();
        frameWidth = twoBytes();
        frameHeight = twoBytes();
        if (frameWidth < 1 || frameHeight < 1) {
            throw corrupt(
                    "its first frame has " + frameWidth + " x " + frameHeight + " pixels; each must be at least 1");
        }
        width = Math.max(screenWidth, left + frameWidth);
        height = Math.max(screenHeight, top + frameHeight);
        limit.require(width, height);
    }

    private Picture read() throws Rejection {
        header();
        int frameFlags = next();
        palette = palette(frameFlags, palette);
        byte[] frame = numbers(frameWidth, frameHeight, frameFlags, data());

        byte[] screen = new byte[width * height];
        Arrays.fill(screen, (byte) (transparent == OPAQUE ? 0 : transparent));
        for (int y = 0; y < frameHeight; y++) {
            System.arraycopy(frame, y * frameWidth, screen, (top + y) * width + left, frameWidth);
        }
        return new Picture(palette.colour(screen, height, width), alpha(screen), Exif.UPRIGHT);
    }

    private byte[] alpha(byte[] numbers) {
        if (transparent == OPAQUE) {
            return null;
        }
        byte[] alpha = new byte[numbers.length];
        for (int i = 0; i < alpha.length; i++) {
            alpha[i] = (byte) ((numbers[i] & 0xFF) == transparent ? 0 : 255);
        }
        return alpha;
    }

    private Palette palette(int flags, Palette without) throws Rejection {
        if ((flags & PALETTE) == 0) {
            return without;
        }
        int colours = 2 << (flags & 7);
        int start = position;
        skip(3 * colours);
        return Palette.ofTriples(image, start, colours);
    }

    private void skipToFrame() throws Rejection {
        for (int block = next(); block != FRAME; block = next()) {
            if (block != EXTENSION) {
                throw corrupt(
                        block == ';'
                                ? "it has no frame"
                                : "byte " + (position - 1) + " starts neither a frame nor an extension");
            }
            int kind = next();
            if (kind == GRAPHIC_CONTROL && position + 4 < image.length && image[position] == 4) {
                transparent = (image[position + 1] & 1) == 0 ? OPAQUE : image[position + 4] & 0xFF;
            }
            for (int size = next(); size > 0; size = next()) {
                skip(size);
            }
        }
    }

    /** The frame's compressed pixels: first the size of a code, then blocks up to an empty one. */
    private byte[] data() throws Rejection {
        int start = position;
        int size = next();
        if (size < 1 || size > 8) {
            throw corrupt("its pixels have " + size + " bits; 1 to 8 are allowed");
        }
        while (position < image.length && (image[position] & 0xFF) < image.length - position) {
            int block = next();
            position += block;
            if (block == 0) {
                return Arrays.copyOfRange(image, start, position);
            }
        }
        if (!cutOffAllowed) {
            throw truncated();
        }
        // Without the block that is not whole, as Pillow has it; the empty block is the zero that the copy ends with.
        return Arrays.copyOf(Arrays.copyOfRange(image, start, position), position - start + 1);
    }

    private byte[] numbers(int width, int height, int flags, byte[] data) throws Rejection {
        ByteArrayOutputStream alone = new ByteArrayOutputStream(data.length + 800);
        alone.writeBytes("GIF89a".getBytes(StandardCharsets.US_ASCII));
        alone.writeBytes(size(width, height));
        // A palette of 256 colours: that all numbers are valid is enough.
        alone.writeBytes(new byte[] {(byte) 0xF7, 0, 0});
        alone.writeBytes(new byte[3 * 256]);
        alone.write(FRAME);
        alone.writeBytes(new byte[4]);
        alone.writeBytes(size(width, height));
        alone.write(flags & 0x40);
        alone.writeBytes(data);
        alone.write(';');
        BufferedImage numbers = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
        try {
            Codec.decode("gif", alone.toByteArray(), numbers);
        } catch (Rejection e) {
            if (!cutOffAllowed) {
                throw e;
            }
        }
        return ((DataBufferByte) numbers.getRaster().getDataBuffer()).getData();
    }

    private static byte[] size(int width, int height) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort((short) width)
                .putShort((short) height)
                .array();
    }

    private int twoBytes() throws Rejection {
        return next() | next() << 8;
    }

    private int next() throws Rejection {
        skip(1);
        return image[position - 1] & 0xFF;
    }

    private void skip(int bytes) throws Rejection {
        if (bytes > image.length - position) {
            throw truncated();
        }
        position += bytes;
    }

    private Rejection truncated() {
        return new Rejection(
                RejectReason.TRUNCATED_IMAGE, "GIF image ends after " + image.length + " bytes within its first frame");
    }

    private static Rejection corrupt(String what) {
        return new Rejection(RejectReason.CORRUPT_IMAGE, "GIF image is damaged: " + what);
    }
}
