package io.contrastream.operators.decode;

import io.contrastream.learning.image.ImageShape;
import java.io.Serializable;

/**
 * Limits of accepted images, and the shape that they are brought to.
 *
 * @param input shape that every image is brought to, with 1 (luma) or 3 (red, green, blue) channels
 * @param maxEncodedBytes largest size of an encoded image in bytes, at least 1
 * @param maxPixels largest product of an image's width and height, as its header declares them, in [1, 2^28]. Decoding takes at
 *     most 20 bytes a pixel (a CMYK JPEG in several scans) for a short time
 * @param rejectedPayloadBytes how many of a rejected record's first bytes are kept with the rejection, in [0, 2^20]
 * @param reading how images are read where there is more than one way
 */
public record DecodeOptions(
        ImageShape input, int maxEncodedBytes, long maxPixels, int rejectedPayloadBytes, Reading reading)
        implements Serializable {

    private static final long MOST_PIXELS = 1L << 28;
    private static final int MOST_REJECTED_BYTES = 1 << 20;

    /** @throws IllegalArgumentException naming the value and its range if one is out of it */
    public DecodeOptions {
        require(input.channels() == 1 || input.channels() == 3, "image channels", input.channels(), "1 or 3");
        require(maxEncodedBytes >= 1, "largest encoded size in bytes", maxEncodedBytes, "at least 1");
        require(
                maxPixels >= 1 && maxPixels <= MOST_PIXELS,
                "largest number of pixels",
                maxPixels,
                "in [1, " + MOST_PIXELS + "]");
        require(
                rejectedPayloadBytes >= 0 && rejectedPayloadBytes <= MOST_REJECTED_BYTES,
                "kept bytes of a rejected payload",
                rejectedPayloadBytes,
                "in [0, " + MOST_REJECTED_BYTES + "]");
    }

    /** With images read as usual. */
    public DecodeOptions(ImageShape input, int maxEncodedBytes, long maxPixels, int rejectedPayloadBytes) {
        this(input, maxEncodedBytes, maxPixels, rejectedPayloadBytes, Reading.USUAL);
    }

    private static void require(boolean valid, String what, Number value, String allowed) {
        if (!valid) {
            throw new IllegalArgumentException(what + " must be " + allowed + ", but is " + value);
        }
    }
}
