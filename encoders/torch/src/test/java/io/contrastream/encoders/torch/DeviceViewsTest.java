package io.contrastream.encoders.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.encoders.parity.TestDevice;
import io.contrastream.learning.augment.AugmentOptions;
import io.contrastream.learning.augment.Augmentation;
import io.contrastream.learning.augment.ColourChange;
import io.contrastream.learning.augment.ColourChange.Kind;
import io.contrastream.learning.augment.ColourJitter;
import io.contrastream.learning.augment.ResizedCrop;
import io.contrastream.learning.augment.ToneChange;
import io.contrastream.learning.augment.View;
import io.contrastream.learning.augment.Warp;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Views of the device are those of the host, whatever the plan and the pixels. */
class DeviceViewsTest {

    private static final Target TARGET = Target.start(TestDevice.OPTIONS);
    private static final double BOUND = 1e-4;
    private static final List<ImageShape> SHAPES = List.of(
            new ImageShape(3, 32, 32), new ImageShape(3, 37, 23), new ImageShape(3, 1, 5), new ImageShape(3, 96, 64));

    /** Random pixels, black, white, pure colours, their neighbours, stripes of extremes, a ramp of greys with one pixel off. */
    private static byte[] images(ImageShape shape) {
        int plane = shape.height() * shape.width();
        byte[] images = new byte[IMAGES * shape.size()];
        RandomStream random = RandomStream.of(4, Purpose.GENERATE, 0, 0);
        for (int image = 0; image < IMAGES; image++) {
            for (int i = 0; i < shape.size(); i++) {
                int channel = i / plane;
                int value = switch (image) {
                    case 0 -> random.nextInt(256);
                    case 1 -> 0;
                    case 2 -> 255;
                    case 3 -> channel == 0 ? 255 : 0;
                    case 4 -> channel == 1 ? 255 : 1;
                    case 5 -> channel == 2 ? 254 : 255 * (i % 2);
                    case 6 -> i % 2 == 0 ? 0 : 255;
                    case 7 -> random.nextInt(2) * 255;
                    default -> Math.min(255, i % plane + (channel == 2 ? 1 : 0));
                };
                images[image * shape.size() + i] = (byte) value;
            }
        }
        return images;
    }

    private static final int IMAGES = 9;

    private static View view(int image, ImageShape shape, ColourChange... changes) {
        return new View(image, ResizedCrop.whole(shape), false, List.of(changes), false);
    }

    private static View crop(int image, int top, int left, int height, int width, boolean flip) {
        return new View(image, new ResizedCrop(top, left, height, width), flip, List.of(), false);
    }

    private static ColourChange change(Kind kind, double factor) {
        return new ColourChange(kind, (float) factor);
    }

    static Stream<Arguments> operations() {
        return Stream.of(
                operation("plain", shape -> List.of(View.plain(0, shape))),
                operation("flip", shape -> List.of(crop(0, 0, 0, shape.height(), shape.width(), true))),
                operation(
                        "crop",
                        shape -> IntStream.range(0, 40)
                                .mapToObj(i -> {
                                    RandomStream random = RandomStream.of(9, Purpose.AUGMENT, 0, i);
                                    int height = 1 + random.nextInt(shape.height());
                                    int width = 1 + random.nextInt(shape.width());
                                    return crop(
                                            0,
                                            random.nextInt(shape.height() - height + 1),
                                            random.nextInt(shape.width() - width + 1),
                                            height,
                                            width,
                                            i % 2 == 0);
                                })
                                .toList()),
                operation(
                        "single pixels",
                        shape -> List.of(
                                crop(0, 0, 0, 1, 1, false),
                                crop(0, shape.height() - 1, shape.width() - 1, 1, 1, true),
                                crop(0, 0, shape.width() - 1, shape.height(), 1, true),
                                crop(0, shape.height() - 1, 0, 1, shape.width(), false))),
                operation("brightness", shape -> factors(shape, Kind.BRIGHTNESS, 0, 0.4, 1, 1.6, 2)),
                operation("contrast", shape -> factors(shape, Kind.CONTRAST, 0, 0.4, 1, 1.6, 2)),
                operation("saturation", shape -> factors(shape, Kind.SATURATION, 0, 0.4, 1, 1.6, 2)),
                operation(
                        "hue",
                        shape -> factors(
                                shape, Kind.HUE, -0.5, -0.1, -1.0 / 6, 0, 1e-6, 1.0 / 6, 1.0 / 3, 0.1, 0.4999, 0.5)),
                operation("greyscale", shape -> List.of(new View(0, ResizedCrop.whole(shape), false, List.of(), true))),
                operation("posterize", shape -> toned(shape, new ToneChange(ToneChange.Kind.POSTERIZE, 4))),
                operation("solarize", shape -> toned(shape, new ToneChange(ToneChange.Kind.SOLARIZE, 128))),
                operation("autocontrast", shape -> toned(shape, new ToneChange(ToneChange.Kind.AUTOCONTRAST, 0))),
                operation("equalize", shape -> toned(shape, new ToneChange(ToneChange.Kind.EQUALIZE, 0))),
                operation("turn", shape -> warped(shape, turned(0.5), turned(-0.5), turned(3))),
                operation(
                        "shear", shape -> warped(shape, new Warp(1, 0.3f, 0, 0, 1, 0), new Warp(1, 0, 0, -0.3f, 1, 0))),
                operation(
                        "move",
                        shape -> warped(shape, new Warp(1, 0, 4.3f, 0, 1, 0), new Warp(1, 0, 0, 0, 1, -100.5f))),
                operation(
                        "in sequence",
                        shape -> List.of(
                                view(
                                        0,
                                        shape,
                                        change(Kind.HUE, 0.3),
                                        change(Kind.BRIGHTNESS, 1.7),
                                        change(Kind.SATURATION, 0.2),
                                        change(Kind.CONTRAST, 1.9)),
                                view(
                                        0,
                                        shape,
                                        change(Kind.CONTRAST, 0.3),
                                        change(Kind.SATURATION, 2),
                                        change(Kind.BRIGHTNESS, 0.5),
                                        change(Kind.HUE, -0.5)),
                                new View(
                                        0,
                                        ResizedCrop.whole(shape),
                                        true,
                                        List.of(
                                                change(Kind.SATURATION, 1.5),
                                                change(Kind.HUE, 0.25),
                                                change(Kind.CONTRAST, 1.5)),
                                        true),
                                view(0, shape, change(Kind.BRIGHTNESS, 2), change(Kind.CONTRAST, 0)))));
    }

    private static Arguments operation(String name, Function<ImageShape, List<View>> views) {
        return Arguments.of(name, views);
    }

    private static List<View> toned(ImageShape shape, ToneChange change) {
        return List.of(
                new View(0, List.of(change), ResizedCrop.whole(shape), true, Warp.NONE, List.of(), false),
                view(0, shape));
    }

    private static Warp turned(double angle) {
        float cos = (float) Math.cos(angle);
        float sin = (float) Math.sin(angle);
        return new Warp(cos, sin, 0, -sin, cos, 0);
    }

    private static List<View> warped(ImageShape shape, Warp... warps) {
        return Stream.of(warps)
                .map(warp -> new View(0, List.of(), ResizedCrop.whole(shape), false, warp, List.of(), false))
                .toList();
    }

    private static List<View> factors(ImageShape shape, Kind kind, double... factors) {
        return java.util.Arrays.stream(factors)
                .mapToObj(factor -> view(0, shape, change(kind, factor)))
                .toList();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("operations")
    void everyOperationIsThatOfTheHostOnEveryImage(String name, Function<ImageShape, List<View>> operation) {
        for (ImageShape shape : SHAPES) {
            List<View> views = new ArrayList<>();
            for (int image = 0; image < IMAGES; image++) {
                for (View view : operation.apply(shape)) {
                    views.add(view.of(image));
                }
            }
            assertSame(shape, views);
        }
    }

    @Test
    void randomPlansAreThoseOfTheHost() {
        for (ImageShape shape : SHAPES) {
            for (AugmentOptions options : List.of(
                    AugmentOptions.SCR,
                    new AugmentOptions(false, 0.01, 0.5, new ColourJitter(0.9, 1, 1, 1, 0.5), 0.3),
                    new AugmentOptions(false, 1, 0, ColourJitter.NONE, 0).withRandAugment(1, 9),
                    new AugmentOptions(true, 0.2, 0.5, new ColourJitter(0.9, 1, 1, 1, 0.5), 0.3)
                            .withRandAugment(4, 30))) {
                Augmentation augmentation = new Augmentation(options, shape);
                List<View> views = new ArrayList<>();
                IntStream.range(0, IMAGES).forEach(image -> views.add(View.plain(image, shape)));
                for (int i = 0; i < 200; i++) {
                    views.add(augmentation.draw(i % IMAGES, RandomStream.of(6, Purpose.AUGMENT, 0, i)));
                }
                assertSame(shape, views);
            }
        }
    }

    @Test
    void imagesOfOneChannelHaveBrightnessAndContrast() {
        ImageShape shape = new ImageShape(1, 17, 11);
        Augmentation augmentation = new Augmentation(
                new AugmentOptions(false, 0.1, 0.5, new ColourJitter(1, 1, 1, 1, 0.5), 0.3).withRandAugment(2, 20),
                shape);
        assertSame(
                shape,
                IntStream.range(0, 100)
                        .mapToObj(i -> augmentation.draw(i % IMAGES, RandomStream.of(6, Purpose.AUGMENT, 0, i)))
                        .toList());
    }

    @Test
    void anotherPlanIsFoundOut() {
        ImageShape shape = SHAPES.get(0);
        View planned = view(0, shape, change(Kind.BRIGHTNESS, 1.2));
        View other = view(0, shape, change(Kind.BRIGHTNESS, 1.201));
        assertThatThrownBy(() -> assertSame(shape, List.of(planned, planned), List.of(planned, other)))
                .isInstanceOf(AssertionError.class);
    }

    private static void assertSame(ImageShape shape, List<View> views) {
        assertSame(shape, views, views);
    }

    private static void assertSame(ImageShape shape, List<View> views, List<View> ofDevice) {
        List<View> two = views.size() == 1 ? List.of(views.get(0), views.get(0)) : views;
        List<View> twoOfDevice = ofDevice.size() == 1 ? List.of(ofDevice.get(0), ofDevice.get(0)) : ofDevice;
        byte[] images = images(shape);
        float[] expected = new StepInput(shape, images, new int[IMAGES], two).hostViews();
        float[] actual;
        try (DeviceViews device = new DeviceViews(shape, TARGET, () -> {});
                PointerScope scope = new PointerScope();
                InferenceMode mode = new InferenceMode()) {
            actual =
                    Native.floats(device.make(device.send(new StepInput(shape, images, new int[IMAGES], twoOfDevice))));
        }
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            if (!(Math.abs(actual[i] - expected[i]) <= BOUND)) {
                View view = two.get(i / shape.size());
                throw new AssertionError("%s at %d of %s: %s on the device, %s on the host"
                        .formatted(view, i % shape.size(), shape, actual[i], expected[i]));
            }
        }
    }
}
