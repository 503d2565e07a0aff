package io.contrastream.learning.augment;

/**
 * One change of an image's colours, as torchvision's functional transform of that name.
 *
 * @param factor of brightness, contrast and saturation, at least 0, where 1 changes nothing; of hue the share of a full turn, in
 *     [−0.5, 0.5]
 */
public record ColourChange(Kind kind, float factor) {

    /** The changes. On images of one channel there are the first two. */
    public enum Kind {
        /** Times the factor. */
        BRIGHTNESS,
        /** Mixed with the image's mean grey. */
        CONTRAST,
        /** Mixed with each pixel's grey. */
        SATURATION,
        /** Turned in the circle of colours. */
        HUE
    }
}
