package io.contrastream.operators.decode;

import io.contrastream.learning.image.ImageShape;
import java.awt.image.Raster;
import java.util.regex.Pattern;

/** JPEG, decoded by the JDK's libjpeg. */
final class JpegImage {

    /** Bytes between the image and its end: no harm to pixels, and what decides whether a file without an end is whole. */
    private static final Pattern BEHIND_THE_IMAGE = Pattern.compile(".* extraneous bytes before marker 0xd9");

    private JpegImage() {}

    static Picture read(byte[] image, PixelLimit limit, boolean cutOffAllowed) throws Rejection {
        JpegStructure.Jpeg jpeg = JpegStructure.check(image, limit, cutOffAllowed);
        boolean inks = jpeg.colour() == JpegStructure.Colour.CMYK || jpeg.colour() == JpegStructure.Colour.YCCK;
        Codec.Result result = Codec.decode(jpeg.image(), inks);
        requireSound(result.warning(), jpeg, cutOffAllowed, image.length);
        Pixels pixels = inks ? printed(result.raster(), jpeg.colour()) : result.pixels();
        return new Picture(pixels, null, jpeg.orientation());
    }

    /** Everything about a JPEG that can be known before its pixels are, as {@link #read} checks it. */
    static void check(byte[] image, PixelLimit limit, boolean cutOffAllowed) throws Rejection {
        JpegStructure.check(image, limit, cutOffAllowed);
    }

    private static void requireSound(String warning, JpegStructure.Jpeg jpeg, boolean cutOffAllowed, int length)
            throws Rejection {
        if (isHarmless(warning)) {
            return;
        }
        if (!jpeg.ended() && !cutOffAllowed) {
            throw new Rejection(
                    RejectReason.TRUNCATED_IMAGE, "JPEG image ends after " + length + " bytes without its end marker");
        }
        if (warning == null) {
            return;
        }
        if (jpeg.ended() || !JpegDamage.isEnd(warning)) {
            throw JpegDamage.of(warning, null);
        }
        if (jpeg.beforeLastScan() != null) {
            // Data that an earlier scan lacks were not cut off at the end of the file.
            requireComplete(Codec.decode(jpeg.beforeLastScan(), true).warning());
        }
    }

    private static void requireComplete(String warning) throws Rejection {
        if (warning != null) {
            throw JpegDamage.of(warning, null);
        }
    }

    private static boolean isHarmless(String warning) {
        return warning != null && BEHIND_THE_IMAGE.matcher(warning).matches();
    }

    /** Inks to light as Pillow converts them; files have them inverted, as Adobe's programs write them. */
    private static Pixels printed(Raster raster, JpegStructure.Colour colour) {
        int height = raster.getHeight();
        int width = raster.getWidth();
        int plane = height * width;
        byte[] planar = new byte[3 * plane];
        int[] row = new int[4 * width];
        for (int y = 0; y < height; y++) {
            raster.getPixels(0, y, width, 1, row);
            for (int x = 0; x < width; x++) {
                int at = y * width + x;
                int first = row[4 * x];
                int second = row[4 * x + 1];
                int third = row[4 * x + 2];
                int light = row[4 * x + 3];
                if (colour == JpegStructure.Colour.YCCK) {
                    int red = YCbCr.red(first, third);
                    int green = YCbCr.green(first, second, third);
                    third = 255 - YCbCr.blue(first, second);
                    first = 255 - red;
                    second = 255 - green;
                }
                planar[at] = Cmyk.light(255 - first, light);
                planar[plane + at] = Cmyk.light(255 - second, light);
                planar[2 * plane + at] = Cmyk.light(255 - third, light);
            }
        }
        return new Pixels(new ImageShape(3, height, width), planar);
    }
}
