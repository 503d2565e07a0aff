package io.contrastream.learning.augment;

import io.contrastream.learning.augment.ColourChange.Kind;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.random.RandomStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws random views of images: random resized crop, horizontal flip, colour jitter, greyscale, in this order, and {@link RandAugment} if wanted, each as
 * torchvision's transform of that name. On images of one channel saturation, hue and greyscale change nothing.
 *
 * <p>Thread-safe; what is drawn is a pure function of the random stream.
 */
public final class Augmentation {

    private final AugmentOptions options;
    private final ImageShape shape;

    /**
     * Views of images of the given shape.
     *
     * @throws IllegalArgumentException if it has other than 1 or 3 channels
     */
    public Augmentation(AugmentOptions options, ImageShape shape) {
        if (shape.channels() != 1 && shape.channels() != 3) {
            throw new IllegalArgumentException("views need images of 1 or 3 channels, but the shape is " + shape);
        }
        this.options = options;
        this.shape = shape;
    }

    /**
     * Draws a view.
     *
     * @param image number of the image that it is of
     */
    public View draw(int image, RandomStream random) {
        ResizedCrop crop = options.minScale() < 1
                ? ResizedCrop.random(shape, options.minScale(), random)
                : ResizedCrop.whole(shape);
        boolean flip = random.nextDouble() < options.flipProbability();
        List<ColourChange> changes = random.nextDouble() < options.jitter().probability() ? jitter(random) : List.of();
        boolean greyscale = random.nextDouble() < options.greyscaleProbability() && shape.channels() == 3;
        if (options.randOperations() == 0) {
            return new View(image, crop, flip, changes, greyscale);
        }
        RandAugment drawn = new RandAugment(options, shape, random);
        List<ColourChange> all = new ArrayList<>(changes);
        all.addAll(drawn.changes());
        return new View(image, drawn.tones(), crop, flip, drawn.warp(), all, greyscale);
    }

    /**
     * One view, drawn and made.
     *
     * @param pixels [C, H, W]
     * @param out takes [C, H, W] in [0, 1] from {@code offset} on
     */
    public void view(byte[] pixels, RandomStream random, float[] out, int offset) {
        draw(0, random).carryOut(pixels, shape, out, offset);
    }

    /** The four changes of colour, by random factors in a random order; those whose range is 0 are left out. */
    private List<ColourChange> jitter(RandomStream random) {
        ColourChange[] drawn = {
            new ColourChange(Kind.BRIGHTNESS, (float) random.nextDouble(
                    1 - options.jitter().brightness(), 1 + options.jitter().brightness())),
            new ColourChange(Kind.CONTRAST, (float) random.nextDouble(
                    1 - options.jitter().contrast(), 1 + options.jitter().contrast())),
            new ColourChange(Kind.SATURATION, (float) random.nextDouble(
                    1 - options.jitter().saturation(), 1 + options.jitter().saturation())),
            new ColourChange(Kind.HUE, (float)
                    random.nextDouble(-options.jitter().hue(), options.jitter().hue()))
        };
        boolean coloured = shape.channels() == 3;
        boolean[] wanted = {
            options.jitter().brightness() > 0,
            options.jitter().contrast() > 0,
            options.jitter().saturation() > 0 && coloured,
            options.jitter().hue() > 0 && coloured
        };
        List<ColourChange> changes = new ArrayList<>();
        int left = 0b1111; // the jitters not done yet, a bit each
        for (int count = drawn.length; count > 0; count--) {
            int jitter = bit(left, random.nextInt(count));
            left &= ~(1 << jitter);
            if (wanted[jitter]) {
                changes.add(drawn[jitter]);
            }
        }
        return changes;
    }

    /** Position of the bit of {@code bits} that is set and has {@code lower} set ones below it. */
    private static int bit(int bits, int lower) {
        int rest = bits;
        for (int i = 0; i < lower; i++) {
            rest &= rest - 1;
        }
        return Integer.numberOfTrailingZeros(rest);
    }
}
