package io.contrastream.operators.decode;

import io.contrastream.learning.image.ImageShape;
import java.awt.image.DataBufferByte;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** The JDK's decoder of JPEG, given images whose structure and declared size have been checked. It gives samples as they are stored. */
final class Codec {

    private static final String FORMAT = "jpeg";

    private Codec() {}

    /**
     * An image as the decoder made it.
     *
     * @param raster its samples
     * @param warning what the decoder complained of first without giving up, in its own words; null if of nothing
     */
    record Result(Raster raster, String warning) {

        /** One or three channels of 8 bits. */
        Pixels pixels() {
            return planar(raster);
        }
    }

    /**
     * Decodes an image.
     *
     * @param rawComponents whether samples are wanted without any conversion of colour
     * @throws Rejection if the decoder fails
     */
    static Result decode(byte[] image, boolean rawComponents) throws Rejection {
        ImageReader reader = reader();
        // Memory, whatever ImageIO's global setting for cache files is.
        try (MemoryCacheImageInputStream input = new MemoryCacheImageInputStream(new ByteArrayInputStream(image))) {
            String[] warning = new String[1];
            reader.addIIOReadWarningListener((source, text) -> warning[0] = warning[0] == null ? text : warning[0]);
            reader.setInput(input, false, true);
            ImageReadParam usual = reader.getDefaultReadParam();
            Raster raster = rawComponents
                    ? reader.readRaster(0, usual)
                    : reader.read(0, usual).getRaster();
            return new Result(raster, warning[0]);
        } catch (IOException | RuntimeException e) {
            // The JDK answers to some malformed images with IllegalArgumentException and its like.
            throw JpegDamage.of(e.getMessage(), e);
        } finally {
            reader.dispose();
        }
    }

    /**
     * Makes sure that images can be decoded here.
     *
     * @throws IllegalStateException if the Java runtime lacks what it takes
     */
    static void require() {
        reader().dispose();
    }

    /** The JDK's own decoder, though others may be registered: every machine decodes alike. */
    private static ImageReader reader() {
        Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(FORMAT);
        while (readers.hasNext()) {
            ImageReader reader = readers.next();
            if (reader.getClass().getModule() == ImageIO.class.getModule()) {
                return reader;
            }
            reader.dispose();
        }
        throw new IllegalStateException("this Java runtime has no decoder for JPEG: java.desktop is needed");
    }

    private static Pixels planar(Raster raster) {
        int height = raster.getHeight();
        int width = raster.getWidth();
        int bands = raster.getNumBands();
        int channels = bands < 3 ? 1 : 3;
        byte[] planar = new byte[channels * height * width];
        if (raster.getSampleModel() instanceof PixelInterleavedSampleModel model
                && raster.getDataBuffer() instanceof DataBufferByte samples) {
            interleaved(samples, model, channels, planar);
            return new Pixels(new ImageShape(channels, height, width), planar);
        }
        int[] row = new int[width * bands];
        for (int y = 0; y < height; y++) {
            raster.getPixels(0, y, width, 1, row);
            for (int channel = 0; channel < channels; channel++) {
                int most = (1 << raster.getSampleModel().getSampleSize(channel)) - 1;
                int to = (channel * height + y) * width;
                for (int x = 0; x < width; x++) {
                    planar[to + x] = (byte) (row[x * bands + channel] * 255 / most);
                }
            }
        }
        return new Pixels(new ImageShape(channels, height, width), planar);
    }

    /** The usual case, without a detour by way of integers: 5 to 10% of the time of an image of 224x224 pixels. */
    private static void interleaved(
            DataBufferByte samples, PixelInterleavedSampleModel model, int channels, byte[] planar) {
        byte[] data = samples.getData();
        int step = model.getPixelStride();
        int to = 0;
        for (int channel = 0; channel < channels; channel++) {
            for (int y = 0; y < model.getHeight(); y++) {
                int from = samples.getOffset() + y * model.getScanlineStride() + model.getBandOffsets()[channel];
                for (int x = 0; x < model.getWidth(); x++) {
                    planar[to++] = data[from + x * step];
                }
            }
        }
    }
}
