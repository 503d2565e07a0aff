package io.contrastream.learning.augment;

import java.io.Serializable;

/**
 * Changes of colour in a random order, as torchvision's {@code ColorJitter}.
 *
 * @param probability of all of them, in [0, 1]
 * @param brightness factor drawn from [1 − brightness, 1 + brightness], in [0, 1]
 * @param contrast likewise
 * @param saturation likewise
 * @param hue shift drawn from [−hue, hue] of the colour circle, in [0, 0.5]
 */
public record ColourJitter(double probability, double brightness, double contrast, double saturation, double hue)
        implements Serializable {

    public static final ColourJitter NONE = new ColourJitter(0, 0, 0, 0, 0);

    /** @throws IllegalArgumentException naming the value and its range if one is out of it */
    public ColourJitter {
        AugmentOptions.within(probability, 1, "jitter probability");
        AugmentOptions.within(brightness, 1, "brightness");
        AugmentOptions.within(contrast, 1, "contrast");
        AugmentOptions.within(saturation, 1, "saturation");
        AugmentOptions.within(hue, 0.5, "hue");
    }
}
