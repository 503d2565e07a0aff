package io.contrastream.operators.decode;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Lossless WebP (RFC 9649, section 3): pixels as 0xAARRGGBB. */
final class Vp8lImage {

    private static final int LENGTHS = 24;
    private static final int DISTANCES = 40;
    private static final int MOST_CACHE_BITS = 11;

    /** Pixels nearby by number: rows above, and 8 less columns to the left. */
    private static final byte[] NEARBY = HexFormat.of()
            .parseHex("1807171928062729161a262a38053739151b363a252b48044749141c353b464a242c58454b343c035759131d565a232d"
                    + "444c555b333d68026769121e666a222e545c434d656b323e78017779535d111f646c424e767a212f757b313f636d525e"
                    + "00747c414f1020626e30737d515f40727e616f50717f6070");

    private final Vp8lBits bits;
    private final int width;
    private final int height;

    private Vp8lImage(Vp8lBits bits, int width, int height) {
        this.bits = bits;
        this.width = width;
        this.height = height;
    }

    /**
     * Decodes an image of a known size.
     *
     * @param start of the first transform
     * @throws Rejection if it is cut off, or no sense can be made of it
     */
    static int[] decode(byte[] image, int start, int end, int width, int height) throws Rejection {
        return new Vp8lImage(new Vp8lBits(image, start, end), width, height).decode();
    }

    private int[] decode() throws Rejection {
        List<Vp8lTransform> transforms = new ArrayList<>();
        int seen = 0;
        int packedWidth = width;
        while (bits.flag()) {
            int kind = bits.number(2);
            if ((seen & 1 << kind) != 0) {
                throw corrupt("a transform comes twice");
            }
            seen |= 1 << kind;
            Vp8lTransform transform = transform(kind, packedWidth);
            transforms.add(0, transform);
            packedWidth = transform.packedWidth(packedWidth);
        }
        int[] pixels = pixels(packedWidth, height, true);
        for (Vp8lTransform transform : transforms) {
            pixels = transform.undo(pixels, height);
        }
        return pixels;
    }

    private Vp8lTransform transform(int kind, int xSize) throws Rejection {
        switch (kind) {
            case Vp8lTransform.PREDICTOR, Vp8lTransform.COLOUR -> {
                int blockBits = 2 + bits.number(3);
                int[] blocks = pixels(blocks(xSize, blockBits), blocks(height, blockBits), false);
                return new Vp8lTransform(kind, xSize, blockBits, blocks);
            }
            case Vp8lTransform.PALETTE -> {
                int[] colours = pixels(1 + bits.number(8), 1, false);
                for (int i = 1; i < colours.length; i++) {
                    colours[i] = Vp8lTransform.sum(colours[i], colours[i - 1]);
                }
                return new Vp8lTransform(kind, xSize, 0, colours);
            }
            default -> {
                return new Vp8lTransform(kind, xSize, 0, new int[0]);
            }
        }
    }

    private static int blocks(int size, int blockBits) {
        return (size + (1 << blockBits) - 1) >> blockBits;
    }

    private int[] pixels(int xSize, int ySize, boolean grouped) throws Rejection {
        int cacheBits = 0;
        if (bits.flag()) {
            cacheBits = bits.number(4);
            if (cacheBits < 1 || cacheBits > MOST_CACHE_BITS) {
                throw corrupt("its colour cache has " + cacheBits + " bits; 1 to " + MOST_CACHE_BITS + " are allowed");
            }
        }
        int groupBits = 0;
        int[] groups = null;
        int count = 1;
        if (grouped && bits.flag()) {
            groupBits = 2 + bits.number(3);
            groups = pixels(blocks(xSize, groupBits), blocks(ySize, groupBits), false);
            for (int i = 0; i < groups.length; i++) {
                groups[i] = (groups[i] >> 8) & 0xFFFF;
                count = Math.max(count, groups[i] + 1);
            }
        }
        Vp8lCode[] codes = new Vp8lCode[5 * count];
        for (int i = 0; i < codes.length; i++) {
            if (bits.exhausted()) {
                throw truncated();
            }
            int alphabet =
                    i % 5 == 0 ? 256 + LENGTHS + (cacheBits == 0 ? 0 : 1 << cacheBits) : i % 5 == 4 ? DISTANCES : 256;
            codes[i] = Vp8lCode.read(bits, alphabet);
        }
        return pixels(xSize, ySize, codes, groups, groupBits, cacheBits);
    }

    private int[] pixels(int xSize, int ySize, Vp8lCode[] codes, int[] groups, int groupBits, int cacheBits)
            throws Rejection {
        int[] pixels = new int[xSize * ySize];
        int[] cache = new int[cacheBits == 0 ? 0 : 1 << cacheBits];
        int groupsInRow = blocks(xSize, groupBits);
        int cached = 0;
        int at = 0;
        while (at < pixels.length) {
            int group = groups == null
                    ? 0
                    : 5 * groups[((at / xSize) >> groupBits) * groupsInRow + ((at % xSize) >> groupBits)];
            int symbol = codes[group].next(bits);
            if (symbol < 256) {
                int red = codes[group + 1].next(bits);
                int blue = codes[group + 2].next(bits);
                int alpha = codes[group + 3].next(bits);
                pixels[at++] = alpha << 24 | red << 16 | symbol << 8 | blue;
            } else if (symbol < 256 + LENGTHS) {
                int length = spread(symbol - 256);
                int distance = distance(spread(codes[group + 4].next(bits)), xSize);
                if (distance > at || length > pixels.length - at) {
                    throw corrupt("it repeats pixels that it has not");
                }
                for (int i = 0; i < length; i++, at++) {
                    pixels[at] = pixels[at - distance];
                }
            } else {
                for (; cached < at; cached++) {
                    cache[hash(pixels[cached], cacheBits)] = pixels[cached];
                }
                pixels[at++] = cache[symbol - 256 - LENGTHS];
            }
            if (bits.exhausted()) {
                throw truncated();
            }
        }
        return pixels;
    }

    private static int hash(int pixel, int cacheBits) {
        return (0x1E35A7BD * pixel) >>> (32 - cacheBits);
    }

    /** A length or distance by its symbol and the bits behind it. */
    private int spread(int symbol) {
        if (symbol < 4) {
            return symbol + 1;
        }
        int extra = (symbol - 2) >> 1;
        return ((2 + (symbol & 1)) << extra) + bits.number(extra) + 1;
    }

    private static int distance(int code, int xSize) {
        if (code > NEARBY.length) {
            return code - NEARBY.length;
        }
        int nearby = NEARBY[code - 1] & 0xFF;
        return Math.max(1, (nearby >> 4) * xSize + 8 - (nearby & 15));
    }

    private static Rejection corrupt(String what) {
        return new Rejection(RejectReason.CORRUPT_IMAGE, "WebP image is damaged: " + what);
    }

    private static Rejection truncated() {
        return new Rejection(RejectReason.TRUNCATED_IMAGE, "WebP image is cut off within its pixels");
    }
}
