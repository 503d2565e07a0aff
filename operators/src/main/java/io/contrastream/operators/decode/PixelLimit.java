package io.contrastream.operators.decode;

import io.contrastream.learning.image.ImageShape;

/** How many pixels an image may declare. */
final class PixelLimit {

    /** Memory that resizing may take in any case: 12 MiB of colour. */
    private static final long RESIZED_PIXELS = 1 << 22;

    private final long maxPixels;
    private final long maxHeight;

    PixelLimit(DecodeOptions options) {
        this.maxPixels = options.maxPixels();
        ImageShape input = options.input();
        // Resizing does columns first, so that in between an image has its own height and the input's width.
        this.maxHeight = Math.max(maxPixels, RESIZED_PIXELS) / input.width();
    }

    /**
     * Checks a declared size.
     *
     * @param width at least 1
     * @param height at least 1
     * @throws Rejection if it is beyond the limit
     */
    void require(int width, int height) throws Rejection {
        if ((long) width * height > maxPixels) {
            throw new Rejection(
                    RejectReason.TOO_MANY_PIXELS,
                    "image declares " + width + " x " + height + " pixels; at most " + maxPixels + " are allowed");
        }
        if (height > maxHeight) {
            throw new Rejection(
                    RejectReason.TOO_MANY_PIXELS,
                    "image declares a height of " + height + " pixels; at most " + maxHeight + " are allowed");
        }
    }
}
