package io.contrastream.learning.augment;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.learning.GoldenLines;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.image.Pixels;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Against torchvision's transforms; the values are made by {@code src/test/python/augment.py}. */
class TorchvisionParityTest {

    @Test
    void everyOperationGivesTorchvisionsPixels() throws IOException {
        try (InputStream file = TorchvisionParityTest.class.getResourceAsStream("/golden/augment.bin");
                DataInputStream in = new DataInputStream(file)) {
            int cases = in.readInt();
            assertThat(cases).isPositive();
            for (int i = 0; i < cases; i++) {
                String operation = in.readUTF();
                double[] arguments = new double[in.readInt()];
                for (int k = 0; k < arguments.length; k++) {
                    arguments[k] = in.readDouble();
                }
                ImageShape shape = new ImageShape(in.readInt(), in.readInt(), in.readInt());
                byte[] pixels = in.readNBytes(shape.size());
                float[] view = apply(operation, arguments, shape, pixels);
                for (int k = 0; k < shape.size(); k++) {
                    assertThat((double) view[k])
                            .as("%s %s of %s at %d", operation, java.util.Arrays.toString(arguments), shape, k)
                            .isCloseTo(in.readFloat(), org.assertj.core.data.Offset.offset(2e-6));
                }
            }
        }
    }

    private static float[] apply(String operation, double[] arguments, ImageShape shape, byte[] pixels) {
        int channels = shape.channels();
        int plane = shape.height() * shape.width();
        float[] view = new float[shape.size()];
        Pixels.toUnit(pixels, view, 0);
        float factor = arguments.length == 0 ? 0 : (float) arguments[0];
        switch (operation) {
            case "brightness" -> Colour.brightness(view, 0, channels, plane, factor);
            case "contrast" -> Colour.contrast(view, 0, channels, plane, factor);
            case "saturation" -> Colour.saturation(view, 0, plane, factor);
            case "hue" -> Colour.hue(view, 0, plane, factor);
            case "greyscale" -> Colour.greyscale(view, 0, plane);
            case "crop" ->
                new ResizedCrop((int) arguments[0], (int) arguments[1], (int) arguments[2], (int) arguments[3])
                        .scale(pixels, 0, shape, arguments[4] == 1, view, 0);
            default -> throw new AssertionError(operation);
        }
        return view;
    }

    /** An image's shape and the smallest scale of its crops. */
    private record Setting(ImageShape shape, double minScale) {}

    private record Size(int height, int width) {}

    @Test
    void cropsHaveTorchvisionsDistributionOfSizes() throws IOException {
        torchvisionsCounts().forEach((setting, expected) -> {
            int draws = expected.values().stream().mapToInt(Integer::intValue).sum();
            Map<Size, Integer> counts = new HashMap<>();
            for (int i = 0; i < draws; i++) {
                RandomStream random = RandomStream.of(1, Purpose.AUGMENT, 0, i);
                ResizedCrop crop = ResizedCrop.random(setting.shape(), setting.minScale(), random);
                assertThat(crop.top()).isBetween(0, setting.shape().height() - crop.height());
                assertThat(crop.left()).isBetween(0, setting.shape().width() - crop.width());
                counts.merge(new Size(crop.height(), crop.width()), 1, Integer::sum);
            }
            // Two samples of equal size: sum (a - b)^2 / (a + b) is chi-square with one degree of freedom a cell, less
            // one.
            double statistic = 0;
            int cells = 0;
            for (Size size : expected.keySet()) {
                int here = counts.getOrDefault(size, 0);
                int there = expected.get(size);
                if (here + there >= 20) {
                    statistic += Math.pow(here - there, 2) / (here + there);
                    cells++;
                }
            }
            assertThat(cells).isGreaterThan(1);
            assertThat(counts.keySet().stream().filter(size -> !expected.containsKey(size)))
                    .as("sizes that torchvision never drew")
                    .allMatch(size -> counts.get(size) < 10);
            double fourDeviations = cells - 1 + 4 * Math.sqrt(2.0 * (cells - 1));
            assertThat(statistic).as(setting.toString()).isLessThan(fourDeviations);
        });
    }

    private static Map<Setting, Map<Size, Integer>> torchvisionsCounts() throws IOException {
        Map<Setting, Map<Size, Integer>> counts = new LinkedHashMap<>();
        for (String[] cells : GoldenLines.of("crops.csv")) {
            ImageShape shape = new ImageShape(3, Integer.parseInt(cells[0]), Integer.parseInt(cells[1]));
            counts.computeIfAbsent(new Setting(shape, Double.parseDouble(cells[2])), key -> new LinkedHashMap<>())
                    .put(new Size(Integer.parseInt(cells[3]), Integer.parseInt(cells[4])), Integer.parseInt(cells[5]));
        }
        return counts;
    }
}
