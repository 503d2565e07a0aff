package io.contrastream.learning.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.image.Pixels;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AugmentationTest {

    private static final AugmentOptions NOTHING = new AugmentOptions(false, 1, 0, ColourJitter.NONE, 0);
    private static final ImageShape SHAPE = new ImageShape(3, 12, 9);

    private static byte[] image(ImageShape shape) {
        RandomStream random = RandomStream.of(3, Purpose.GENERATE, 0, 0);
        byte[] pixels = new byte[shape.size()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) random.nextInt(256);
        }
        return pixels;
    }

    private static float[] view(AugmentOptions options, ImageShape shape, long index) {
        float[] out = new float[shape.size()];
        new Augmentation(options, shape).view(image(shape), RandomStream.of(1, Purpose.AUGMENT, 0, index), out, 0);
        return out;
    }

    private static float[] plain(ImageShape shape) {
        float[] out = new float[shape.size()];
        Pixels.toUnit(image(shape), out, 0);
        return out;
    }

    @Test
    void aViewStaysInTheUnitIntervalAndInItsPlace() {
        Augmentation augmentation = new Augmentation(AugmentOptions.SCR, SHAPE);
        for (int index = 0; index < 500; index++) {
            float[] out = new float[SHAPE.size() + 2];
            Arrays.fill(out, -7);
            augmentation.view(image(SHAPE), RandomStream.of(1, Purpose.AUGMENT, 0, index), out, 1);
            assertThat(out[0]).isEqualTo(-7);
            assertThat(out[out.length - 1]).isEqualTo(-7);
            for (int i = 1; i < out.length - 1; i++) {
                assertThat(out[i]).isBetween(0f, 1f);
            }
        }
    }

    @Test
    void equalStreamsGiveEqualViewsAndOthersOthers() {
        assertThat(view(AugmentOptions.SCR, SHAPE, 4)).isEqualTo(view(AugmentOptions.SCR, SHAPE, 4));
        assertThat(view(AugmentOptions.SCR, SHAPE, 4)).isNotEqualTo(view(AugmentOptions.SCR, SHAPE, 5));
    }

    /** Other views would make a restored learner go on differently from one of the release before. */
    @ParameterizedTest
    @CsvSource({"3, 32, 32, 48c8c967", "3, 37, 23, ac0e208d", "1, 28, 31, b6384798"})
    void viewsAreBitForBitWhatTheyAlwaysWere(int channels, int height, int width, String checksum) {
        ImageShape shape = new ImageShape(channels, height, width);
        AugmentOptions strong = new AugmentOptions(false, 0.08, 0.5, new ColourJitter(0.9, 1, 1, 1, 0.5), 0.1);
        CRC32C bits = new CRC32C();
        ByteBuffer bytes = ByteBuffer.allocate(shape.size() * Float.BYTES);
        for (int index = 0; index < 1000; index++) {
            bytes.asFloatBuffer().put(view(strong, shape, index));
            bits.update(bytes.array());
        }
        assertThat(Long.toHexString(bits.getValue())).isEqualTo(checksum);
    }

    @Test
    void withEverythingOffAViewIsTheImage() {
        assertThat(view(NOTHING, SHAPE, 0)).isEqualTo(plain(SHAPE));
    }

    @Test
    void aFlipMirrorsEveryRow() {
        float[] flipped = view(new AugmentOptions(false, 1, 1, ColourJitter.NONE, 0), SHAPE, 0);
        float[] plain = plain(SHAPE);
        for (int i = 0; i < plain.length; i++) {
            int row = i / SHAPE.width() * SHAPE.width();
            assertThat(flipped[i]).isEqualTo(plain[row + SHAPE.width() - 1 - (i - row)]);
        }
    }

    @Test
    void everyChangeHappensAsOftenAsItsProbabilitySays() {
        int views = 4000;
        int flips = 0;
        int jitters = 0;
        int greys = 0;
        for (int i = 0; i < views; i++) {
            flips +=
                    Arrays.equals(view(new AugmentOptions(false, 1, 0.3, ColourJitter.NONE, 0), SHAPE, i), plain(SHAPE))
                            ? 0
                            : 1;
            jitters += Arrays.equals(
                            view(new AugmentOptions(false, 1, 0, new ColourJitter(0.8, 0, 0.4, 0, 0), 0), SHAPE, i),
                            plain(SHAPE))
                    ? 0
                    : 1;
            greys +=
                    Arrays.equals(view(new AugmentOptions(false, 1, 0, ColourJitter.NONE, 0.2), SHAPE, i), plain(SHAPE))
                            ? 0
                            : 1;
        }
        assertThat(flips / (double) views).isBetween(0.27, 0.33);
        assertThat(jitters / (double) views).isBetween(0.77, 0.83);
        assertThat(greys / (double) views).isBetween(0.17, 0.23);
    }

    @Test
    void theOrderOfTheColourChangesIsRandom() {
        // The two of them do not commute, since both clip and contrast takes the mean of what it gets.
        AugmentOptions fixedFactors = new AugmentOptions(false, 1, 0, new ColourJitter(1, 1, 1, 0, 0), 0);
        int differing = 0;
        for (int i = 0; i < 200; i++) {
            RandomStream random = RandomStream.of(1, Purpose.AUGMENT, 0, i);
            random.nextDouble(); // flip
            random.nextDouble(); // whether to jitter
            float brightness = (float) random.nextDouble(0, 2);
            float contrast = (float) random.nextDouble(0, 2);
            float[] brightnessFirst = plain(SHAPE);
            int plane = SHAPE.height() * SHAPE.width();
            Colour.brightness(brightnessFirst, 0, 3, plane, brightness);
            Colour.contrast(brightnessFirst, 0, 3, plane, contrast);
            float[] contrastFirst = plain(SHAPE);
            Colour.contrast(contrastFirst, 0, 3, plane, contrast);
            Colour.brightness(contrastFirst, 0, 3, plane, brightness);
            float[] view = view(fixedFactors, SHAPE, i);
            assertThat(Arrays.equals(view, brightnessFirst) || Arrays.equals(view, contrastFirst))
                    .isTrue();
            differing += Arrays.equals(view, brightnessFirst) ? 0 : 1;
        }
        assertThat(differing).isBetween(60, 140);
    }

    @Test
    void oneChannelHasNoColourToChange() {
        ImageShape grey = new ImageShape(1, 6, 6);
        assertThat(view(new AugmentOptions(false, 1, 0, new ColourJitter(1, 0, 0, 0.4, 0.1), 1), grey, 0))
                .isEqualTo(plain(grey));
        assertThat(view(new AugmentOptions(false, 1, 0, new ColourJitter(1, 0.4, 0.4, 0, 0), 0), grey, 0))
                .isNotEqualTo(plain(grey));
    }

    @Test
    void aCropThatNeverFitsIsTheLargestCentralOne() {
        ImageShape wide = new ImageShape(3, 4, 100);
        assertThat(ResizedCrop.random(wide, 0.99, RandomStream.of(1, Purpose.AUGMENT, 0, 0)))
                .isEqualTo(new ResizedCrop(0, 47, 4, 5));
        ImageShape tall = new ImageShape(3, 100, 6);
        assertThat(ResizedCrop.random(tall, 0.99, RandomStream.of(1, Purpose.AUGMENT, 0, 0)))
                .isEqualTo(new ResizedCrop(46, 0, 8, 6));
    }

    @Test
    void refusesOtherNumbersOfChannels() {
        assertThatThrownBy(() -> new Augmentation(NOTHING, new ImageShape(4, 8, 8)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("4x8x8");
    }

    @Test
    void optionsOutOfRangeAreNamed() {
        assertThatThrownBy(() -> new AugmentOptions(true, 0, 0, ColourJitter.NONE, 0))
                .hasMessage("smallest crop scale must be in (0, 1], but is 0.0");
        assertThatThrownBy(() -> new AugmentOptions(true, 1, 0, new ColourJitter(0, 0, 0, 0, 0.6), 0))
                .hasMessage("hue must be in [0, 0.5], but is 0.6");
        assertThatThrownBy(() -> new AugmentOptions(true, 1, Double.NaN, ColourJitter.NONE, 0))
                .hasMessage("flip probability must be in [0, 1.0], but is NaN");
    }
}
