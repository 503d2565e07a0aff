package io.contrastream.learning.augment;

import io.contrastream.learning.augment.ColourChange.Kind;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.image.Pixels;
import java.util.Arrays;
import java.util.List;

/**
 * How a view is made of an image: its stored values changed, cropped and scaled up, mirrored, warped, its colours changed one after
 * another, made grey. It is data, so that the host and a device can both carry it out, and come to the same to 1e-4.
 *
 * @param image number of the image
 * @param tones changes of its stored values in their order
 * @param crop the part of it that is scaled up to the whole
 * @param flip whether left and right are mirrored
 * @param warp an affine change of what that gives
 * @param changes of colour in their order, at most {@link #MOST_CHANGES}: hue at most once, with at most {@link #MOST_BEFORE_HUE} before
 *     it
 * @param greyscale whether every pixel gets its grey in all channels, at the end; for images of three
 */
public record View(
        int image,
        List<ToneChange> tones,
        ResizedCrop crop,
        boolean flip,
        Warp warp,
        List<ColourChange> changes,
        boolean greyscale) {

    /** Changes of colour before that of hue. */
    public static final int MOST_BEFORE_HUE = 3;

    /** Changes of colour in all. */
    public static final int MOST_CHANGES = MOST_BEFORE_HUE + 1 + AugmentOptions.MOST_OPERATIONS;

    /** @throws IllegalArgumentException if there are too many changes of colour */
    public View {
        tones = List.copyOf(tones);
        changes = List.copyOf(changes);
        List<Kind> kinds = changes.stream().map(ColourChange::kind).toList();
        int hue = kinds.indexOf(Kind.HUE);
        if (kinds.size() > MOST_CHANGES || hue != kinds.lastIndexOf(Kind.HUE) || hue > MOST_BEFORE_HUE) {
            throw new IllegalArgumentException(
                    "a view has at most " + MOST_CHANGES + " changes of colour, that of hue once and "
                            + "among the first " + (MOST_BEFORE_HUE + 1) + ", but has " + changes);
        }
    }

    /** A view whose stored values are as they are and that is not warped. */
    public View(int image, ResizedCrop crop, boolean flip, List<ColourChange> changes, boolean greyscale) {
        this(image, List.of(), crop, flip, Warp.NONE, changes, greyscale);
    }

    /** The image itself. */
    public static View plain(int image, ImageShape shape) {
        return new View(image, ResizedCrop.whole(shape), false, List.of(), false);
    }

    /** Whether it is the image itself. */
    public boolean isPlain(ImageShape shape) {
        return !flip
                && !greyscale
                && changes.isEmpty()
                && tones.isEmpty()
                && warp.equals(Warp.NONE)
                && crop.equals(ResizedCrop.whole(shape));
    }

    /** The same of another image. */
    public View of(int other) {
        return new View(other, tones, crop, flip, warp, changes, greyscale);
    }

    /**
     * Writes the table that replaces the stored values of its image.
     *
     * @param images [N, C, H, W]
     * @param out takes [C, 256] from {@code offset} on
     */
    public void toneTable(byte[] images, ImageShape shape, byte[] out, int offset) {
        int plane = shape.height() * shape.width();
        for (int channel = 0; channel < shape.channels(); channel++) {
            int[] counts = new int[256];
            int from = image * shape.size() + channel * plane;
            for (int i = from; i < from + plane && !tones.isEmpty(); i++) {
                counts[images[i] & 0xff]++;
            }
            int[] values = new int[256];
            Arrays.setAll(values, value -> value);
            tones.forEach(change -> change.changeTones(values, counts));
            for (int value = 0; value < 256; value++) {
                out[offset + channel * 256 + value] = (byte) values[value];
            }
        }
    }

    /**
     * Makes the view.
     *
     * @param images [N, C, H, W]
     * @param out takes [C, H, W] in [0, 1] from {@code offset} on
     */
    public void carryOut(byte[] images, ImageShape shape, float[] out, int offset) {
        int from = image * shape.size();
        if (isPlain(shape)) {
            for (int i = 0; i < shape.size(); i++) {
                out[offset + i] = Pixels.toUnit(images[from + i]);
            }
            return;
        }
        if (tones.isEmpty()) {
            crop.scale(images, from, shape, flip, out, offset);
        } else {
            crop.scale(changed(images, shape), 0, shape, flip, out, offset);
        }
        if (!warp.equals(Warp.NONE)) {
            warp.apply(out, offset, shape.channels(), shape.height(), shape.width());
        }
        int plane = shape.height() * shape.width();
        for (ColourChange change : changes) {
            switch (change.kind()) {
                case BRIGHTNESS -> Colour.brightness(out, offset, shape.channels(), plane, change.factor());
                case CONTRAST -> Colour.contrast(out, offset, shape.channels(), plane, change.factor());
                case SATURATION -> Colour.saturation(out, offset, plane, change.factor());
                case HUE -> Colour.hue(out, offset, plane, change.factor());
            }
        }
        if (greyscale) {
            Colour.greyscale(out, offset, plane);
        }
    }

    /** The image with its values changed, [C, H, W]. */
    private byte[] changed(byte[] images, ImageShape shape) {
        byte[] table = new byte[shape.channels() * 256];
        toneTable(images, shape, table, 0);
        int plane = shape.height() * shape.width();
        byte[] changed = new byte[shape.size()];
        for (int i = 0; i < changed.length; i++) {
            changed[i] = table[i / plane * 256 + (images[image * shape.size() + i] & 0xff)];
        }
        return changed;
    }
}
