package io.contrastream.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.schemas.ImageEncoding;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

final class SyntheticSourceTest {

    private static final int CLASSES = 10;

    private static final int GOLDEN_HASH = 1246144206;
    private static final String GOLDEN_LABEL = "dotted cross";

    private final SyntheticSource source = new SyntheticSource(7);

    @Test
    void thereAre120ClassesAndAnyTenThatFollowOneAnotherDifferInShapeAndPattern() {
        List<String> labels = source.labels();

        assertThat(labels).hasSize(120).doesNotHaveDuplicates();
        for (int start = 0; start + CLASSES <= 60; start++) {
            List<String> ten = labels.subList(start, start + CLASSES);
            assertThat(ten.stream().map(label -> label.substring(0, label.indexOf(" "))))
                    .doesNotHaveDuplicates();
            assertThat(ten.stream().map(label -> label.substring(label.indexOf(" "))))
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void anImageIsAFunctionOfSeedClassAndIndex() throws Exception {
        SyntheticSource again = new SyntheticSource(7);
        again.image(5, 5);

        SourceImage image = source.image(3, 17);
        assertThat(again.image(3, 17).id()).isEqualTo(image.id());
        assertThat(pixels(again.image(3, 17))).isEqualTo(pixels(image));

        assertThat(pixels(source.image(3, 18))).isNotEqualTo(pixels(image));
        assertThat(pixels(source.image(4, 17))).isNotEqualTo(pixels(image));
        SyntheticSource other = new SyntheticSource(8);
        int sameLabel = other.labels().indexOf(image.label());
        assertThat(pixels(other.image(sameLabel, 17))).isNotEqualTo(pixels(image));
    }

    @Test
    void imagesDoNotChangeFromVersionToVersionOrMachineToMachine() throws Exception {
        // Otherwise figures of one version could not be compared with those of another.
        assertThat(Arrays.hashCode(pixels(source.image(0, 0)))).isEqualTo(GOLDEN_HASH);
        assertThat(source.labels().get(0)).isEqualTo(GOLDEN_LABEL);
    }

    @Test
    void imagesArePngOf32By32PixelsWithIdsOfTheirOwn() throws Exception {
        Set<String> ids = new HashSet<>();
        for (int label = 0; label < 120; label++) {
            SourceImage image = source.image(label, label);
            BufferedImage decoded = ImageIO.read(new ByteArrayInputStream(image.bytes()));
            assertThat(decoded.getWidth()).isEqualTo(32);
            assertThat(decoded.getHeight()).isEqualTo(32);
            assertThat(image.encoding()).isEqualTo(ImageEncoding.PNG);
            assertThat(image.label()).isEqualTo(source.labels().get(label));
            ids.add(image.id());
        }
        assertThat(ids).hasSize(120);
    }

    @Test
    void neitherRawPixelsNorMeanColoursTellTheClass() throws Exception {
        int perClass = 40;
        float[][] pixels = new float[CLASSES * perClass][];
        float[][] colours = new float[CLASSES * perClass][];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = pixels(source.image(i % CLASSES, i / CLASSES));
            colours[i] = meanColour(pixels[i]);
        }

        // Chance is 0.1, and an encoder that works reaches more than 0.6.
        assertThat(accuracyOfNearestNeighbour(pixels)).isLessThan(0.4);
        assertThat(accuracyOfNearestNeighbour(colours)).isLessThan(0.2);
    }

    /** Leave-one-out. */
    private static double accuracyOfNearestNeighbour(float[][] vectors) {
        int right = 0;
        for (int i = 0; i < vectors.length; i++) {
            int nearest = -1;
            double smallest = Double.MAX_VALUE;
            for (int j = 0; j < vectors.length; j++) {
                double distance = i == j ? Double.MAX_VALUE : distance(vectors[i], vectors[j]);
                if (distance < smallest) {
                    smallest = distance;
                    nearest = j;
                }
            }
            right += nearest % CLASSES == i % CLASSES ? 1 : 0;
        }
        return (double) right / vectors.length;
    }

    private static double distance(float[] one, float[] other) {
        double sum = 0;
        for (int i = 0; i < one.length; i++) {
            sum += (one[i] - other[i]) * (one[i] - other[i]);
        }
        return sum;
    }

    private static float[] meanColour(float[] pixels) {
        float[] mean = new float[3];
        for (int i = 0; i < pixels.length; i++) {
            mean[i % 3] += pixels[i] * 3 / pixels.length;
        }
        return mean;
    }

    private static float[] pixels(SourceImage image) throws IOException {
        BufferedImage decoded = ImageIO.read(new ByteArrayInputStream(image.bytes()));
        float[] pixels = new float[3 * 32 * 32];
        for (int i = 0; i < 32 * 32; i++) {
            int rgb = decoded.getRGB(i % 32, i / 32);
            for (int channel = 0; channel < 3; channel++) {
                pixels[3 * i + channel] = (rgb >> (16 - 8 * channel) & 0xff) / 255f;
            }
        }
        return pixels;
    }
}
