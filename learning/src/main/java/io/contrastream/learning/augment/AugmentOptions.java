package io.contrastream.learning.augment;

import java.io.Serializable;

/**
 * How views are made; ranges as in torchvision's transforms.
 *
 * @param firstViewPlain whether the first view is the image itself, as in Supervised Contrastive Replay
 * @param minScale smallest share of the area that a random crop keeps, in (0, 1]; 1 for no crop
 * @param flipProbability of a horizontal flip, in [0, 1]
 * @param jitter of colours
 * @param greyscaleProbability in [0, 1]
 * @param randOperations operations of RandAugment on every augmented view, from 0 to {@value #MOST_OPERATIONS}
 * @param randMagnitude how strong these are, in [0, 30]
 */
public record AugmentOptions(
        boolean firstViewPlain,
        double minScale,
        double flipProbability,
        ColourJitter jitter,
        double greyscaleProbability,
        int randOperations,
        double randMagnitude)
        implements Serializable {

    /** Operations of RandAugment that a view may have. */
    public static final int MOST_OPERATIONS = 4;

    /** Magnitude of RandAugment at which every operation is as strong as it can be. */
    public static final double GREATEST_MAGNITUDE = 30;

    /** Torchvision's default. */
    private static final double USUAL_MAGNITUDE = 9;

    /** Those of Khosla et al. 2020 and Mai et al. 2021: crop from 0.2, flip 0.5, jitter 0.8 of (0.4, 0.4, 0.4, 0.1), grey 0.2. */
    public static final AugmentOptions SCR =
            new AugmentOptions(true, 0.2, 0.5, new ColourJitter(0.8, 0.4, 0.4, 0.4, 0.1), 0.2);

    /** @throws IllegalArgumentException naming the value and its range if one is out of it */
    public AugmentOptions {
        if (!(minScale > 0 && minScale <= 1)) {
            throw new IllegalArgumentException("smallest crop scale must be in (0, 1], but is " + minScale);
        }
        within(flipProbability, 1, "flip probability");
        within(greyscaleProbability, 1, "greyscale probability");
        if (randOperations < 0 || randOperations > MOST_OPERATIONS) {
            throw new IllegalArgumentException(
                    "operations of RandAugment must be 0 to " + MOST_OPERATIONS + ", but are " + randOperations);
        }
        within(randMagnitude, GREATEST_MAGNITUDE, "magnitude of RandAugment");
    }

    /** Without RandAugment. */
    public AugmentOptions(
            boolean firstViewPlain,
            double minScale,
            double flipProbability,
            ColourJitter jitter,
            double greyscaleProbability) {
        this(firstViewPlain, minScale, flipProbability, jitter, greyscaleProbability, 0, USUAL_MAGNITUDE);
    }

    /** The same with so many operations of RandAugment, of that magnitude. */
    public AugmentOptions withRandAugment(int operations, double magnitude) {
        return new AugmentOptions(
                firstViewPlain, minScale, flipProbability, jitter, greyscaleProbability, operations, magnitude);
    }

    static void within(double value, double maximum, String what) {
        if (!(value >= 0 && value <= maximum)) {
            throw new IllegalArgumentException(what + " must be in [0, " + maximum + "], but is " + value);
        }
    }
}
