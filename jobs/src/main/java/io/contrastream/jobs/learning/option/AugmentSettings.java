package io.contrastream.jobs.learning.option;

import static org.apache.flink.configuration.ConfigOptions.key;

import io.contrastream.jobs.option.Allowed;
import io.contrastream.jobs.option.Setting;
import io.contrastream.learning.augment.AugmentOptions;
import java.util.List;

/** Options of how views are made of an image; meanings and ranges of the changes as in torchvision's transforms. */
public final class AugmentSettings {

    private static final AugmentOptions DEFAULTS = AugmentOptions.SCR;

    public static final Setting<Boolean> FIRST_VIEW_PLAIN = new Setting<>(
            key("augment.first-view-plain")
                    .booleanType()
                    .defaultValue(DEFAULTS.firstViewPlain())
                    .withDescription("Whether the first of the two views is the image itself."),
            Allowed.trueOrFalse());

    public static final Setting<Double> MIN_SCALE = new Setting<>(
            key("augment.min-scale")
                    .doubleType()
                    .defaultValue(DEFAULTS.minScale())
                    .withDescription("Smallest share of the image's area that a random crop keeps; 1 for no crop."),
            Allowed.shareAboveZero());

    public static final Setting<Double> FLIP_PROBABILITY =
            probability("flip-probability", DEFAULTS.flipProbability(), "Probability of a horizontal flip.");

    public static final Setting<Double> JITTER_PROBABILITY = probability(
            "jitter-probability",
            DEFAULTS.jitter().probability(),
            "Probability that brightness, contrast, saturation and hue are changed.");

    public static final Setting<Double> BRIGHTNESS = probability(
            "brightness",
            DEFAULTS.jitter().brightness(),
            "The factor on brightness is drawn from 1 - this to 1 + this.");

    public static final Setting<Double> CONTRAST = probability(
            "contrast", DEFAULTS.jitter().contrast(), "The factor on contrast is drawn from 1 - this to 1 + this.");

    public static final Setting<Double> SATURATION = probability(
            "saturation",
            DEFAULTS.jitter().saturation(),
            "The factor on saturation is drawn from 1 - this to 1 + this.");

    public static final Setting<Double> HUE = new Setting<>(
            key("augment.hue")
                    .doubleType()
                    .defaultValue(DEFAULTS.jitter().hue())
                    .withDescription("The shift of hue is drawn from -this to this, in turns of the colour circle."),
            Allowed.shareUpTo("0.5"));

    public static final Setting<Double> GREYSCALE_PROBABILITY = probability(
            "greyscale-probability", DEFAULTS.greyscaleProbability(), "Probability that the colours are taken away.");

    public static final Setting<Integer> RAND_OPERATIONS = new Setting<>(
            key("augment.rand-augment.operations")
                    .intType()
                    .defaultValue(DEFAULTS.randOperations())
                    .withDescription(
                            "Operations of RandAugment (Cubuk et al. 2019) on every augmented view, besides the others: each drawn"
                                    + " from thirteen, which turn, shear or move the image, or change its brightness, saturation,"
                                    + " contrast or values (posterize, solarize, autocontrast, equalize). 2 is usual; 0 for none."),
            Allowed.wholeNumberIn(0, AugmentOptions.MOST_OPERATIONS));

    public static final Setting<Double> RAND_MAGNITUDE = new Setting<>(
            key("augment.rand-augment.magnitude")
                    .doubleType()
                    .defaultValue(DEFAULTS.randMagnitude())
                    .withDescription("How strong these are; at 30, up to 30 degrees and 45% of a side."),
            new Allowed<>("a number from 0 to 30", value -> value >= 0 && value <= AugmentOptions.GREATEST_MAGNITUDE));

    public static final Setting<Integer> THREADS = new Setting<>(
            key("augment.threads")
                    .intType()
                    .defaultValue(0)
                    .withDescription(
                            "Threads that make views while the encoder works, for the dl4j engine; 0 for as many as there"
                                    + " are cores, but at most 4. The result does not depend on it. The torch engine"
                                    + " makes views itself."),
            Allowed.wholeNumberIn(0, 4096));

    static final List<Setting<?>> ALL = List.of(
            FIRST_VIEW_PLAIN,
            MIN_SCALE,
            FLIP_PROBABILITY,
            JITTER_PROBABILITY,
            BRIGHTNESS,
            CONTRAST,
            SATURATION,
            HUE,
            GREYSCALE_PROBABILITY,
            RAND_OPERATIONS,
            RAND_MAGNITUDE,
            THREADS);

    private AugmentSettings() {}

    private static Setting<Double> probability(String name, double byDefault, String description) {
        return new Setting<>(
                key("augment." + name).doubleType().defaultValue(byDefault).withDescription(description),
                Allowed.shareUpTo("1"));
    }
}
