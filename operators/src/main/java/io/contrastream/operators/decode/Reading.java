package io.contrastream.operators.decode;

import java.io.Serializable;

/**
 * How images are read where there is more than one way.
 *
 * @param upright whether an image is turned as its Exif orientation says
 * @param composited whether an image with transparent parts is laid on the background; its colours are taken as they are stored
 *     otherwise, as if it were opaque
 * @param background colour behind transparent parts, 0xRRGGBB
 * @param cutOff whether an image that is cut off is taken, with what is missing as Pillow leaves it
 */
public record Reading(boolean upright, boolean composited, int background, boolean cutOff) implements Serializable {

    /** Upright, on white, and whole. */
    public static final Reading USUAL = new Reading(true, true, 0xFFFFFF, false);

    /** As Pillow's {@code Image.open(file).convert("RGB")}: as stored, transparency dropped, and whole. */
    public static final Reading STORED = new Reading(false, false, 0, false);

    /** @throws IllegalArgumentException if the background is out of its range */
    public Reading {
        if (background < 0 || background > 0xFFFFFF) {
            throw new IllegalArgumentException("background must be in [0, 0xFFFFFF], but is " + background);
        }
    }
}
