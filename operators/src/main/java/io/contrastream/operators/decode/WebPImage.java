package io.contrastream.operators.decode;

import io.contrastream.learning.image.ImageShape;
import java.util.Arrays;

/**
 * WebP (RFC 9649): the container, read before pixels are, and its first frame on the canvas that the file declares. What does not
 * belong to pixels (profiles, XMP, later frames) is not looked at, except the orientation.
 */
final class WebPImage {

    private static final int RIFF_HEADER = 12;
    private static final int CHUNK_HEADER = 8;
    private static final int LOSSY = tag("VP8 ");
    private static final int LOSSLESS = tag("VP8L");
    private static final int EXTENDED = tag("VP8X");
    private static final int ALPHA = tag("ALPH");
    private static final int FRAME = tag("ANMF");
    private static final int EXIF = tag("EXIF");
    private static final int ANIMATED = 2;

    private final byte[] image;
    private final PixelLimit limit;
    private int canvasWidth;
    private int canvasHeight;
    private int frameLeft;
    private int frameTop;
    private int frameWidth;
    private int frameHeight;
    private Chunk alphaChunk;
    private Chunk pixelChunk;
    private int orientation = Exif.UPRIGHT;

    private WebPImage(byte[] image, PixelLimit limit) {
        this.image = image;
        this.limit = limit;
    }

    /** @throws Rejection if it is cut off, inconsistent, of an unsupported kind or declares more pixels than the limit */
    static Picture read(byte[] image, PixelLimit limit) throws Rejection {
        return new WebPImage(image, limit).read();
    }

    /** Everything about a WebP that can be known before its pixels are, as {@link #read} checks it. */
    static void check(byte[] image, PixelLimit limit) throws Rejection {
        new WebPImage(image, limit).container();
    }

    private Picture read() throws Rejection {
        container();
        Picture frame = pixelChunk.type == LOSSY ? lossy() : lossless();
        return frameWidth == canvasWidth && frameHeight == canvasHeight ? frame : onCanvas(frame);
    }

    private void container() throws Rejection {
        long size = CHUNK_HEADER + (number(4, 4) & 0xFFFFFFFFL);
        if (size > image.length) {
            throw truncated();
        }
        chunks((int) size);
        if (pixelChunk == null) {
            throw corrupt("it has no pixels");
        }
        size(pixelChunk.type == LOSSY);
    }

    private void chunks(int end) throws Rejection {
        boolean animated = false;
        for (int at = RIFF_HEADER; at + CHUNK_HEADER <= end; ) {
            Chunk chunk = chunk(at, end);
            if (chunk.type == EXTENDED && at == RIFF_HEADER) {
                if (chunk.length < 10) {
                    throw corrupt("its chunk VP8X has " + chunk.length + " bytes");
                }
                animated = (image[chunk.start] & ANIMATED) != 0;
                canvasWidth = 1 + number(chunk.start + 4, 3);
                canvasHeight = 1 + number(chunk.start + 7, 3);
                limit.require(canvasWidth, canvasHeight);
            } else if (chunk.type == FRAME && animated && pixelChunk == null) {
                frame(chunk);
            } else if (chunk.type == EXIF) {
                orientation = Exif.orientation(image, chunk.start, chunk.length);
            } else if (!animated) {
                take(chunk);
            }
            at = chunk.start + chunk.length + (chunk.length & 1);
        }
    }

    private void frame(Chunk frame) throws Rejection {
        if (frame.length < 16) {
            throw corrupt("its chunk ANMF has " + frame.length + " bytes");
        }
        frameLeft = 2 * number(frame.start, 3);
        frameTop = 2 * number(frame.start + 3, 3);
        frameWidth = 1 + number(frame.start + 6, 3);
        frameHeight = 1 + number(frame.start + 9, 3);
        int end = frame.start + frame.length;
        for (int at = frame.start + 16; at + CHUNK_HEADER <= end; ) {
            Chunk chunk = chunk(at, end);
            take(chunk);
            at = chunk.start + chunk.length + (chunk.length & 1);
        }
    }

    private void take(Chunk chunk) {
        if (pixelChunk != null) {
            return;
        }
        if (chunk.type == ALPHA) {
            alphaChunk = chunk;
        } else if (chunk.type == LOSSY || chunk.type == LOSSLESS) {
            pixelChunk = chunk;
        }
    }

    /** Takes the size of the pixels, which must be that of the frame or of the canvas where one is declared. */
    private void size(boolean lossy) throws Rejection {
        int start = pixelChunk.start;
        boolean valid = lossy
                ? Vp8Frame.startsAt(image, start, start + pixelChunk.length)
                : pixelChunk.length >= 5 && image[start] == 0x2F && (image[start + 4] & 0xE0) == 0;
        if (!valid) {
            throw corrupt("its pixels do not start as " + (lossy ? "VP8" : "VP8L") + " does");
        }
        int width = lossy ? Vp8Frame.width(image, start) : 1 + (number(start + 1, 4) & 0x3FFF);
        int height = lossy ? Vp8Frame.height(image, start) : 1 + (number(start + 1, 4) >> 14 & 0x3FFF);
        if (width < 1 || height < 1) {
            throw corrupt("it declares " + width + " x " + height + " pixels; each must be at least 1");
        }
        limit.require(width, height);
        int expectedWidth = frameWidth > 0 ? frameWidth : canvasWidth > 0 ? canvasWidth : width;
        int expectedHeight = frameHeight > 0 ? frameHeight : canvasHeight > 0 ? canvasHeight : height;
        if (width != expectedWidth || height != expectedHeight) {
            throw corrupt("its pixels are " + width + " x " + height + ", but its header declares " + expectedWidth
                    + " x " + expectedHeight);
        }
        frameWidth = width;
        frameHeight = height;
        canvasWidth = canvasWidth == 0 ? width : canvasWidth;
        canvasHeight = canvasHeight == 0 ? height : canvasHeight;
        if (frameLeft + frameWidth > canvasWidth || frameTop + frameHeight > canvasHeight) {
            throw corrupt("its first frame reaches beyond its canvas of " + canvasWidth + " x " + canvasHeight);
        }
    }

    private Picture lossy() throws Rejection {
        Vp8Frame frame = new Vp8Frame(image, pixelChunk.start, pixelChunk.start + pixelChunk.length);
        frame.decode();
        return new Picture(Vp8Colour.rgb(frame), alphaChunk == null ? null : alpha(), orientation);
    }

    private Picture lossless() throws Rejection {
        int start = pixelChunk.start;
        boolean transparent = (image[start + 4] & 0x10) != 0;
        int[] argb = Vp8lImage.decode(image, start + 5, start + pixelChunk.length, frameWidth, frameHeight);
        int plane = argb.length;
        byte[] planar = new byte[3 * plane];
        byte[] alpha = transparent ? new byte[plane] : null;
        for (int i = 0; i < plane; i++) {
            planar[i] = (byte) (argb[i] >> 16);
            planar[plane + i] = (byte) (argb[i] >> 8);
            planar[2 * plane + i] = (byte) argb[i];
            if (transparent) {
                alpha[i] = (byte) (argb[i] >>> 24);
            }
        }
        return new Picture(new Pixels(new ImageShape(3, frameHeight, frameWidth), planar), alpha, orientation);
    }

    /** Opacity beside lossy pixels (section 2.7.1.2): plain or as the green of a lossless image, and filtered. */
    private byte[] alpha() throws Rejection {
        if (alphaChunk.length < 1) {
            throw corrupt("its chunk ALPH is empty");
        }
        int head = image[alphaChunk.start];
        int start = alphaChunk.start + 1;
        int end = alphaChunk.start + alphaChunk.length;
        byte[] alpha = new byte[frameWidth * frameHeight];
        if ((head & 3) == 0) {
            if (end - start < alpha.length) {
                throw truncated();
            }
            System.arraycopy(image, start, alpha, 0, alpha.length);
        } else if ((head & 3) == 1) {
            int[] argb = Vp8lImage.decode(image, start, end, frameWidth, frameHeight);
            for (int i = 0; i < alpha.length; i++) {
                alpha[i] = (byte) (argb[i] >> 8);
            }
        } else {
            throw new Rejection(
                    RejectReason.UNSUPPORTED_IMAGE, "WebP image has opacity in the unknown compression " + (head & 3));
        }
        unfilter(alpha, head >> 2 & 3);
        return alpha;
    }

    private void unfilter(byte[] alpha, int filter) {
        if (filter == 0) {
            return;
        }
        for (int y = 0, at = 0; y < frameHeight; y++) {
            for (int x = 0; x < frameWidth; x++, at++) {
                int left = x > 0 ? alpha[at - 1] & 0xFF : 0;
                int above = y > 0 ? alpha[at - frameWidth] & 0xFF : 0;
                int predicted;
                if (y == 0) {
                    predicted = left;
                } else if (x == 0 || filter == 2) {
                    predicted = above;
                } else if (filter == 1) {
                    predicted = left;
                } else {
                    predicted = Math.max(0, Math.min(255, left + above - (alpha[at - frameWidth - 1] & 0xFF)));
                }
                alpha[at] += (byte) predicted;
            }
        }
    }

    /** The frame where it belongs, with nothing around it. */
    private Picture onCanvas(Picture frame) {
        int plane = canvasWidth * canvasHeight;
        byte[] planar = new byte[3 * plane];
        byte[] alpha = new byte[plane];
        byte[] from = frame.pixels().planar();
        for (int y = 0; y < frameHeight; y++) {
            int to = (frameTop + y) * canvasWidth + frameLeft;
            for (int channel = 0; channel < 3; channel++) {
                System.arraycopy(
                        from, (channel * frameHeight + y) * frameWidth, planar, channel * plane + to, frameWidth);
            }
            if (frame.alpha() == null) {
                Arrays.fill(alpha, to, to + frameWidth, (byte) 255);
            } else {
                System.arraycopy(frame.alpha(), y * frameWidth, alpha, to, frameWidth);
            }
        }
        return new Picture(new Pixels(new ImageShape(3, canvasHeight, canvasWidth), planar), alpha, orientation);
    }

    private Chunk chunk(int at, int end) throws Rejection {
        long length = number(at + 4, 4) & 0xFFFFFFFFL;
        if (length > end - at - CHUNK_HEADER) {
            throw truncated();
        }
        return new Chunk(number(at, 4), at + CHUNK_HEADER, (int) length);
    }

    /** Little-endian. */
    private int number(int at, int bytes) throws Rejection {
        if (at + bytes > image.length) {
            throw truncated();
        }
        int value = 0;
        for (int i = bytes - 1; i >= 0; i--) {
            value = (value << 8) | (image[at + i] & 0xFF);
        }
        return value;
    }

    private static int tag(String name) {
        return name.charAt(0) | name.charAt(1) << 8 | name.charAt(2) << 16 | name.charAt(3) << 24;
    }

    private Rejection truncated() {
        return new Rejection(
                RejectReason.TRUNCATED_IMAGE,
                "WebP image of " + image.length + " bytes is cut off before the end that it declares");
    }

    private static Rejection corrupt(String what) {
        return new Rejection(RejectReason.CORRUPT_IMAGE, "WebP image is damaged: " + what);
    }

    /** A chunk's type, and where its data are. */
    private record Chunk(int type, int start, int length) {}
}
