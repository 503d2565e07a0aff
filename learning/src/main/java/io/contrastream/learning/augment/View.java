package io.contrastream.learning.augment;

import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.image.Pixels;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How a view is made of an image: cropped and scaled up, mirrored, its colours changed one after another, made grey. It is data, so that
 * the host and a device can both carry it out, and come to the same to 1e-4.
 *
 * @param image number of the image
 * @param crop the part of it that is scaled up to the whole
 * @param flip whether left and right are mirrored
 * @param changes of colour in their order, each kind at most once
 * @param greyscale whether every pixel gets its grey in all channels, at the end; for images of three
 */
public record View(int image, ResizedCrop crop, boolean flip, List<ColourChange> changes, boolean greyscale) {

    /** @throws IllegalArgumentException if a kind of change occurs twice */
    public View {
        changes = List.copyOf(changes);
        Set<ColourChange.Kind> kinds = new HashSet<>();
        for (ColourChange change : changes) {
            if (!kinds.add(change.kind())) {
                throw new IllegalArgumentException("a view changes " + change.kind() + " twice: " + changes);
            }
        }
    }

    /** The image itself. */
    public static View plain(int image, ImageShape shape) {
        return new View(image, ResizedCrop.whole(shape), false, List.of(), false);
    }

    /** Whether it is the image itself. */
    public boolean isPlain(ImageShape shape) {
        return !flip && !greyscale && changes.isEmpty() && crop.equals(ResizedCrop.whole(shape));
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
        crop.scale(images, from, shape, flip, out, offset);
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
}
