package io.contrastream.operators.decode;

import io.contrastream.learning.image.ImageShape;

/**
 * An image as its file has it, before it is turned and laid on a background.
 *
 * @param pixels colour or grey
 * @param alpha opacity [H, W], 0 to 255; null if the image is opaque
 * @param orientation how a viewer is to turn it, as Exif says: 1 to 8
 */
record Picture(Pixels pixels, byte[] alpha, int orientation) {

    /** Opaque and upright. */
    Picture(Pixels pixels) {
        this(pixels, null, Exif.UPRIGHT);
    }

    /** The part that a viewer shows. */
    Pixels shown(Reading reading) {
        Pixels visible = alpha == null || !reading.composited() ? pixels : on(reading.background());
        return reading.upright() ? turned(visible, orientation) : visible;
    }

    /** Composited as Pillow's {@code Image.alpha_composite} does on an opaque image. */
    private Pixels on(int background) {
        boolean grey = (background >> 16 & 0xFF) == (background >> 8 & 0xFF)
                && (background >> 8 & 0xFF) == (background & 0xFF);
        Pixels from = grey ? pixels : pixels.rgb();
        int channels = from.shape().channels();
        int plane = alpha.length;
        byte[] planar = new byte[channels * plane];
        for (int channel = 0; channel < channels; channel++) {
            int behind = background >> (8 * (2 - channel)) & 0xFF;
            for (int i = 0; i < plane; i++) {
                int opacity = alpha[i] & 0xFF;
                int at = channel * plane + i;
                int sum = (from.planar()[at] & 0xFF) * opacity + behind * (255 - opacity) + 0x80;
                planar[at] = (byte) ((sum + (sum >> 8)) >> 8);
            }
        }
        return new Pixels(from.shape(), planar);
    }

    /** Turned as the orientation says; Exif 2.32, 4.6.4. */
    private static Pixels turned(Pixels image, int orientation) {
        if (orientation == Exif.UPRIGHT) {
            return image;
        }
        boolean swapped = orientation > 4;
        boolean lastRowFirst = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
        boolean lastColumnFirst = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
        ImageShape shape = image.shape();
        int rowStep = lastRowFirst ? -shape.width() : shape.width();
        int columnStep = lastColumnFirst ? -1 : 1;
        int start =
                (lastRowFirst ? (shape.height() - 1) * shape.width() : 0) + (lastColumnFirst ? shape.width() - 1 : 0);
        int height = swapped ? shape.width() : shape.height();
        int width = swapped ? shape.height() : shape.width();
        int down = swapped ? columnStep : rowStep;
        int right = swapped ? rowStep : columnStep;
        int plane = height * width;
        byte[] turned = new byte[image.planar().length];
        for (int channel = 0; channel < shape.channels(); channel++) {
            int to = channel * plane;
            for (int y = 0; y < height; y++) {
                int from = channel * plane + start + y * down;
                for (int x = 0; x < width; x++) {
                    turned[to++] = image.planar()[from];
                    from += right;
                }
            }
        }
        return new Pixels(new ImageShape(shape.channels(), height, width), turned);
    }
}
