package io.contrastream.learning.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import io.contrastream.learning.augment.ColourChange.Kind;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operation against a slow twin: of values in whole numbers, of warps in double precision. */
class RandAugmentTest {

    private static final ImageShape SHAPE = new ImageShape(3, 11, 7);
    private static final int PLANE = 11 * 7;
    private static final AugmentOptions ALONE =
            new AugmentOptions(false, 1, 0, ColourJitter.NONE, 0).withRandAugment(1, 12);

    /** Random pixels, few values, one value, and a channel of each in turn: as many pixels as an image needs for a step of equalize. */
    private static byte[] image(int kind, ImageShape shape) {
        RandomStream random = RandomStream.of(8, Purpose.GENERATE, kind, 0);
        byte[] image = new byte[shape.size()];
        for (int i = 0; i < image.length; i++) {
            int value = switch ((kind + i * shape.channels() / image.length) % 3) {
                case 0 -> 40 + random.nextInt(150);
                case 1 -> 60 * random.nextInt(4);
                default -> 77;
            };
            image[i] = (byte) value;
        }
        return image;
    }

    private static int[] values(byte[] image, int channel, int plane) {
        return IntStream.range(channel * plane, (channel + 1) * plane)
                .map(i -> image[i] & 0xff)
                .toArray();
    }

    /** Pixel by pixel, counting anew for every one of them. */
    private static int[] twin(ToneChange change, int[] values) {
        int least = Arrays.stream(values).min().orElseThrow();
        int greatest = Arrays.stream(values).max().orElseThrow();
        int atGreatest = (int) Arrays.stream(values).filter(v -> v == greatest).count();
        return Arrays.stream(values)
                .map(value -> switch (change.kind()) {
                    case SOLARIZE -> value < change.value() ? value : 255 - value;
                    case POSTERIZE -> value / (256 >> change.value()) * (256 >> change.value());
                    case AUTOCONTRAST ->
                        least == greatest
                                ? value
                                : (int) Math.floor(255.0 * (value - least) / (greatest - least) + 1e-9);
                    case EQUALIZE -> {
                        int step = (values.length - atGreatest) / 255;
                        int below = (int)
                                Arrays.stream(values).filter(v -> v < value).count();
                        yield step == 0 ? value : Math.min(255, (below + step / 2) / step);
                    }
                })
                .toArray();
    }

    static Stream<List<ToneChange>> tones() {
        ToneChange posterize = new ToneChange(ToneChange.Kind.POSTERIZE, 5);
        ToneChange solarize = new ToneChange(ToneChange.Kind.SOLARIZE, 100);
        ToneChange autocontrast = new ToneChange(ToneChange.Kind.AUTOCONTRAST, 0);
        ToneChange equalize = new ToneChange(ToneChange.Kind.EQUALIZE, 0);
        return Stream.of(
                List.of(posterize),
                List.of(new ToneChange(ToneChange.Kind.POSTERIZE, 8)),
                List.of(new ToneChange(ToneChange.Kind.POSTERIZE, 1)),
                List.of(solarize),
                List.of(new ToneChange(ToneChange.Kind.SOLARIZE, 0)),
                List.of(new ToneChange(ToneChange.Kind.SOLARIZE, 256)),
                List.of(autocontrast),
                List.of(equalize),
                List.of(equalize, solarize, posterize),
                List.of(posterize, autocontrast, equalize, autocontrast));
    }

    @ParameterizedTest
    @MethodSource("tones")
    void changesOfStoredValuesAreTheirTwins(List<ToneChange> changes) {
        for (ImageShape shape : List.of(SHAPE, new ImageShape(3, 40, 32), new ImageShape(1, 64, 48))) {
            for (int kind = 0; kind < 3; kind++) {
                byte[] images = new byte[2 * shape.size()];
                System.arraycopy(image(kind, shape), 0, images, shape.size(), shape.size());
                float[] made = new float[shape.size() + 1];
                new View(1, changes, ResizedCrop.whole(shape), false, Warp.NONE, List.of(), false)
                        .carryOut(images, shape, made, 1);

                int plane = shape.height() * shape.width();
                for (int channel = 0; channel < shape.channels(); channel++) {
                    int[] expected = values(image(kind, shape), channel, plane);
                    for (ToneChange change : changes) {
                        expected = twin(change, expected);
                    }
                    for (int i = 0; i < plane; i++) {
                        assertThat(made[1 + channel * plane + i]).isEqualTo(expected[i] / 255f, offset(1e-7f));
                    }
                }
            }
        }
    }

    /** Every pixel of the image, weighted by how near it is. */
    private static double twin(Warp warp, float[] image, int start, int height, int width, int row, int column) {
        double x = column - (width - 1) / 2.0;
        double y = row - (height - 1) / 2.0;
        double fromX = warp.xx() * x + warp.xy() * y + warp.dx() + (width - 1) / 2.0;
        double fromY = warp.yx() * x + warp.yy() * y + warp.dy() + (height - 1) / 2.0;
        fromX = Math.min(width - 1, Math.max(0, fromX));
        fromY = Math.min(height - 1, Math.max(0, fromY));
        double sum = 0;
        for (int r = 0; r < height; r++) {
            for (int c = 0; c < width; c++) {
                sum += Math.max(0, 1 - Math.abs(r - fromY))
                        * Math.max(0, 1 - Math.abs(c - fromX))
                        * image[start + r * width + c];
            }
        }
        return sum;
    }

    static Stream<Warp> warps() {
        return Stream.of(
                Warp.NONE,
                Warp.turned(0.5),
                Warp.turned(-2),
                Warp.shearedX(0.3),
                Warp.shearedY(-0.3),
                Warp.moved(2.4, -1.7),
                Warp.moved(50, 50),
                Warp.turned(0.4).then(Warp.shearedX(0.2)).then(Warp.moved(1, 2)));
    }

    @ParameterizedTest
    @MethodSource("warps")
    void warpsAreTheirTwins(Warp warp) {
        float[] image = new float[SHAPE.size()];
        RandomStream random = RandomStream.of(8, Purpose.GENERATE, 0, 1);
        IntStream.range(0, image.length).forEach(i -> image[i] = (float) random.nextDouble());
        float[] made = new float[2 + image.length];
        System.arraycopy(image, 0, made, 1, image.length);

        warp.apply(made, 1, 3, 11, 7);

        assertThat(made[0]).isZero();
        assertThat(made[made.length - 1]).isZero();
        for (int i = 0; i < image.length; i++) {
            assertThat((double) made[1 + i])
                    .isCloseTo(twin(warp, image, i / PLANE * PLANE, 11, 7, i % PLANE / 7, i % PLANE % 7), offset(1e-5));
        }
    }

    @Test
    void aQuarterTurnIsClockwiseAndAMoveIsToTheLeft() {
        float[] square = {1, 2, 3, 4, 5, 6, 7, 8, 9};
        Warp.turned(Math.PI / 2).apply(square, 0, 1, 3, 3);
        assertThat(square).containsExactly(new float[] {7, 4, 1, 8, 5, 2, 9, 6, 3}, offset(1e-5f));
        float[] row = {1, 2, 3, 4};
        Warp.moved(1, 0).apply(row, 0, 1, 1, 4);
        assertThat(row).containsExactly(2, 3, 4, 4);
    }

    @Test
    void oneWarpThenAnotherIsOneWarp() {
        Warp first = Warp.turned(0.3).then(Warp.moved(2, 0));
        Warp second = Warp.shearedX(0.2).then(Warp.moved(0, 1));
        // A ramp is what bilinear interpolation keeps exactly, away from the edge.
        float[] twice = new float[41 * 41];
        for (int row = 0; row < 41; row++) {
            for (int column = 0; column < 41; column++) {
                twice[row * 41 + column] = column + 2f * row;
            }
        }
        float[] once = twice.clone();
        first.apply(twice, 0, 1, 41, 41);
        second.apply(twice, 0, 1, 41, 41);
        first.then(second).apply(once, 0, 1, 41, 41);
        for (int row = 14; row < 27; row++) {
            for (int column = 14; column < 27; column++) {
                assertThat(once[row * 41 + column]).isCloseTo(twice[row * 41 + column], offset(1e-3f));
            }
        }
    }

    private static View draw(AugmentOptions options, int index) {
        return new Augmentation(options, SHAPE).draw(4, RandomStream.of(1, Purpose.AUGMENT, 5, index));
    }

    private static String operation(View view) {
        Warp warp = view.warp();
        String moved = warp.equals(Warp.NONE)
                ? ""
                : warp.dx() != 0
                        ? "move x"
                        : warp.dy() != 0 ? "move y" : warp.yx() == 0 ? "shear x" : warp.xy() == 0 ? "shear y" : "turn";
        return moved
                + view.tones().stream().map(ToneChange::kind).toList()
                + view.changes().stream().map(ColourChange::kind).toList();
    }

    @Test
    void everyOperationIsDrawnAsOftenAsEveryOther() {
        Map<String, Integer> counts = new HashMap<>();
        int draws = 13_000;
        IntStream.range(0, draws).forEach(i -> counts.merge(operation(draw(ALONE, i)), 1, Integer::sum));

        assertThat(counts).hasSize(13);
        double deviation = Math.sqrt(draws * (1 / 13.0) * (12 / 13.0));
        assertThat(counts.values()).allMatch(count -> Math.abs(count - draws / 13.0) < 4.5 * deviation);
    }

    @Test
    void theRestOfAViewIsWhatItIsWithoutAndTheSameStreamGivesTheSameView() {
        AugmentOptions with = AugmentOptions.SCR.withRandAugment(3, 9);
        int differing = 0;
        for (int i = 0; i < 100; i++) {
            View view = draw(with, i);
            View without = draw(AugmentOptions.SCR, i);
            assertThat(view.crop()).isEqualTo(without.crop());
            assertThat(view.flip()).isEqualTo(without.flip());
            assertThat(view.greyscale()).isEqualTo(without.greyscale());
            assertThat(view.changes().subList(0, without.changes().size())).isEqualTo(without.changes());
            assertThat(draw(with, i)).isEqualTo(view);
            differing += view.equals(without) ? 0 : 1;
        }
        assertThat(differing).isGreaterThan(90);
        assertThat(draw(AugmentOptions.SCR.withRandAugment(0, 30), 3)).isEqualTo(draw(AugmentOptions.SCR, 3));
    }

    @Test
    void magnitudeIsTheShareOfTheStrongest() {
        double angle = IntStream.range(0, 500)
                .mapToObj(i -> draw(ALONE.withRandAugment(1, 15), i))
                .filter(view -> operation(view).startsWith("turn"))
                .mapToDouble(view -> Math.toDegrees(Math.acos(view.warp().xx())))
                .max()
                .orElseThrow();
        assertThat(angle).isCloseTo(15, offset(1e-3));
        for (int i = 0; i < 500; i++) {
            View view = draw(ALONE.withRandAugment(4, 0), i);
            assertThat(view.warp()).isEqualTo(Warp.NONE);
            assertThat(view.changes()).allMatch(change -> change.factor() == 1);
        }
    }

    @Test
    void whatIsOutOfRangeIsRefused() {
        assertThatThrownBy(() -> AugmentOptions.SCR.withRandAugment(5, 9))
                .hasMessage("operations of RandAugment must be 0 to 4, but are 5");
        assertThatThrownBy(() -> AugmentOptions.SCR.withRandAugment(2, 31))
                .hasMessage("magnitude of RandAugment must be in [0, 30.0], but is 31.0");
        assertThatThrownBy(() -> new ToneChange(ToneChange.Kind.POSTERIZE, 9))
                .hasMessage("POSTERIZE takes a value from 0 to 8, but got 9");
        ColourChange brighter = new ColourChange(Kind.BRIGHTNESS, 2);
        ColourChange hue = new ColourChange(Kind.HUE, 0.1f);
        for (List<ColourChange> changes : List.of(
                List.of(hue, hue),
                List.of(brighter, brighter, brighter, brighter, hue),
                java.util.Collections.nCopies(9, brighter))) {
            assertThatThrownBy(() -> new View(0, ResizedCrop.whole(SHAPE), false, changes, false))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("at most 8 changes of colour");
        }
    }
}
