package io.contrastream.operators.decode;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** The first frame of a GIF (GIF89a specification), on the screen that the file declares, or that the frame needs. */
final class GifImage {

    private static final int EXTENSION = 0x21;
    private static final int FRAME = 0x2C;
    private static final int GRAPHIC_CONTROL = 0xF9;
    private static final int PALETTE = 0x80;
    private static final int INTERLACED = 0x40;
    /** First row and distance of rows, of the passes of an interlaced frame. */
    private static final int[][] PASSES = {{0, 8}, {4, 8}, {2, 4}, {1, 2}};

    private static final int[][] ONE_PASS = {{0, 1}};
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
    private boolean cutOff;

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
        byte[] frame = numbers(data());

        byte[] screen = new byte[width * height];
        Arrays.fill(screen, (byte) (transparent == OPAQUE ? 0 : transparent));
        int row = 0;
        for (int[] pass : (frameFlags & INTERLACED) == 0 ? ONE_PASS : PASSES) {
            for (int y = pass[0]; y < frameHeight; y += pass[1]) {
                System.arraycopy(frame, row++ * frameWidth, screen, (top + y) * width + left, frameWidth);
            }
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

    /** The frame's compressed pixels: first the size of a code, then the contents of the blocks up to an empty one. */
    private byte[] data() throws Rejection {
        int size = next();
        if (size < 1 || size > 8) {
            throw corrupt("its pixels have " + size + " bits; 1 to 8 are allowed");
        }
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        data.write(size);
        while (position < image.length && (image[position] & 0xFF) < image.length - position) {
            int block = next();
            if (block == 0) {
                return data.toByteArray();
            }
            data.write(image, position, block);
            position += block;
        }
        if (!cutOffAllowed) {
            throw truncated();
        }
        // Without the block that is not whole, as Pillow has it.
        cutOff = true;
        return data.toByteArray();
    }

    private byte[] numbers(byte[] data) throws Rejection {
        GifCodes codes = new GifCodes(
                data[0], Arrays.copyOfRange(data, 1, data.length), Math.multiplyExact(frameWidth, frameHeight));
        byte[] numbers = codes.expand();
        if (codes.written() < numbers.length && (codes.ended() || !cutOff)) {
            throw corrupt("its first frame has " + codes.written() + " pixels, but its header declares " + frameWidth
                    + " x " + frameHeight);
        }
        return numbers;
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
