package io.contrastream.learning.augment;

import io.contrastream.learning.augment.ColourChange.Kind;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.random.RandomStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Some operations of one strength, each drawn out of all (Cubuk et al. 2019, <i>RandAugment</i>), with the ranges of torchvision's
 * transform of that name. Those of a kind are done together, in the order in which they were drawn: {@link ToneChange}s on the image as
 * it is stored, then one {@link Warp} of the cropped image, about its centre, then {@link ColourChange}s.
 */
final class RandAugment {

    private static final double SHEAR = 0.3;
    /** Share of a side. */
    private static final double MOVE = 150.0 / 331;

    private static final double TURN = Math.toRadians(30);
    private static final double COLOUR = 0.9;
    private static final int POSTERIZED_BITS = 4;

    private enum Operation {
        IDENTITY,
        SHEAR_X,
        SHEAR_Y,
        TRANSLATE_X,
        TRANSLATE_Y,
        ROTATE,
        BRIGHTNESS,
        COLOUR,
        CONTRAST,
        POSTERIZE,
        SOLARIZE,
        AUTOCONTRAST,
        EQUALIZE
    }

    private static final Operation[] OPERATIONS = Operation.values();

    private final List<ToneChange> tones = new ArrayList<>();
    private final List<ColourChange> changes = new ArrayList<>();
    private Warp warp = Warp.NONE;

    /** Draws as many operations as the options say. */
    RandAugment(AugmentOptions options, ImageShape shape, RandomStream random) {
        for (int i = 0; i < options.randOperations(); i++) {
            Operation operation = OPERATIONS[random.nextInt(OPERATIONS.length)];
            double strength = options.randMagnitude() / AugmentOptions.GREATEST_MAGNITUDE;
            double signed = random.nextDouble() < 0.5 ? -strength : strength;
            switch (operation) {
                case IDENTITY -> {}
                case SHEAR_X -> warp = warp.then(Warp.shearedX(SHEAR * signed));
                case SHEAR_Y -> warp = warp.then(Warp.shearedY(SHEAR * signed));
                case TRANSLATE_X -> warp = warp.then(Warp.moved(MOVE * signed * shape.width(), 0));
                case TRANSLATE_Y -> warp = warp.then(Warp.moved(0, MOVE * signed * shape.height()));
                case ROTATE -> warp = warp.then(Warp.turned(TURN * signed));
                case BRIGHTNESS -> changes.add(new ColourChange(Kind.BRIGHTNESS, (float) (1 + COLOUR * signed)));
                case COLOUR -> {
                    if (shape.channels() == 3) {
                        changes.add(new ColourChange(Kind.SATURATION, (float) (1 + COLOUR * signed)));
                    }
                }
                case CONTRAST -> changes.add(new ColourChange(Kind.CONTRAST, (float) (1 + COLOUR * signed)));
                case POSTERIZE ->
                    tones.add(
                            new ToneChange(ToneChange.Kind.POSTERIZE, 8 - (int) Math.rint(POSTERIZED_BITS * strength)));
                case SOLARIZE ->
                    tones.add(new ToneChange(ToneChange.Kind.SOLARIZE, (int) Math.ceil(255 * (1 - strength))));
                case AUTOCONTRAST -> tones.add(new ToneChange(ToneChange.Kind.AUTOCONTRAST, 0));
                case EQUALIZE -> tones.add(new ToneChange(ToneChange.Kind.EQUALIZE, 0));
            }
        }
    }

    List<ToneChange> tones() {
        return tones;
    }

    Warp warp() {
        return warp;
    }

    List<ColourChange> changes() {
        return changes;
    }
}
