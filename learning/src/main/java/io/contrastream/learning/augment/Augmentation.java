package io.contrastream.learning.augment;

import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.random.RandomStream;

/**
 * Makes random views of images: random resized crop, horizontal flip, colour jitter, greyscale, in this order, each as
 * torchvision's transform of that name. On images of one channel saturation, hue and greyscale change nothing.
 *
 * <p>Thread-safe; a view is a pure function of the image and the random stream.
 */
public final class Augmentation {

    private static final int JITTERS = 4;

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
     * One view.
     *
     * @param pixels [C, H, W]
     * @param out takes [C, H, W] in [0, 1] from {@code offset} on
     */
    public void view(byte[] pixels, RandomStream random, float[] out, int offset) {
        ResizedCrop crop = options.minScale() < 1
                ? ResizedCrop.random(shape, options.minScale(), random)
                : ResizedCrop.whole(shape);
        boolean flip = random.nextDouble() < options.flipProbability();
        crop.scale(pixels, shape, flip, out, offset);
        if (random.nextDouble() < options.jitterProbability()) {
            jitter(random, out, offset);
        }
        if (random.nextDouble() < options.greyscaleProbability() && shape.channels() == 3) {
            Colour.greyscale(out, offset, plane());
        }
    }

    /** The four changes of colour, by random factors in a random order; those whose range is 0 are left out. */
    private void jitter(RandomStream random, float[] out, int offset) {
        float brightness = (float) random.nextDouble(1 - options.brightness(), 1 + options.brightness());
        float contrast = (float) random.nextDouble(1 - options.contrast(), 1 + options.contrast());
        float saturation = (float) random.nextDouble(1 - options.saturation(), 1 + options.saturation());
        float hue = (float) random.nextDouble(-options.hue(), options.hue());
        boolean coloured = shape.channels() == 3;
        int left = 0b1111; // the jitters not done yet, a bit each
        for (int count = JITTERS; count > 0; count--) {
            int jitter = bit(left, random.nextInt(count));
            left &= ~(1 << jitter);
            if (jitter == 0 && options.brightness() > 0) {
                Colour.brightness(out, offset, shape.channels(), plane(), brightness);
            } else if (jitter == 1 && options.contrast() > 0) {
                Colour.contrast(out, offset, shape.channels(), plane(), contrast);
            } else if (jitter == 2 && options.saturation() > 0 && coloured) {
                Colour.saturation(out, offset, plane(), saturation);
            } else if (jitter == 3 && options.hue() > 0 && coloured) {
                Colour.hue(out, offset, plane(), hue);
            }
        }
    }

    private int plane() {
        return shape.height() * shape.width();
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
