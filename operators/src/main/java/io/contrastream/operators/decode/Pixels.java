package io.contrastream.operators.decode;

import io.contrastream.learning.image.ImageShape;
import java.util.Arrays;

/**
 * A decoded image.
 *
 * @param shape with 1 (grey) or 3 (red, green, blue) channels
 * @param planar 8-bit samples [C, H, W]
 */
record Pixels(ImageShape shape, byte[] planar) {

    /** In three channels: grey in each of them. */
    Pixels rgb() {
        if (shape.channels() == 3) {
            return this;
        }
        int plane = planar.length;
        byte[] rgb = Arrays.copyOf(planar, 3 * plane);
        System.arraycopy(planar, 0, rgb, plane, plane);
        System.arraycopy(planar, 0, rgb, 2 * plane, plane);
        return new Pixels(new ImageShape(3, shape.height(), shape.width()), rgb);
    }

    /**
     * In one channel: the luma of ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B, in the 16-bit fixed point of Pillow's conversion to
     * mode L; grey stays what it is.
     */
    Pixels luma() {
        if (shape.channels() == 1) {
            return this;
        }
        int plane = planar.length / 3;
        byte[] luma = new byte[plane];
        for (int i = 0; i < plane; i++) {
            int red = planar[i] & 0xFF;
            int green = planar[plane + i] & 0xFF;
            int blue = planar[2 * plane + i] & 0xFF;
            luma[i] = (byte) ((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16);
        }
        return new Pixels(new ImageShape(1, shape.height(), shape.width()), luma);
    }
}
