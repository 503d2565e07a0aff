package io.contrastream.encoders.parity;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.SkippedStep;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** No engine takes a step from or to a state that is not finite, whichever of its arrays that is. */
public abstract class NonFiniteTest {

    private static final ImageShape SHAPE = new ImageShape(3, 8, 8);
    private static final EncoderSpec SPEC =
            new EncoderSpec(Architecture.RESNET18_SLIM, Stem.CIFAR, 2, SHAPE, 8, Normalization.CIFAR100);
    private static final OptimizerOptions SGD = OptimizerOptions.sgd(0.05, 0.9, 1e-3);
    private static final OptimizerOptions ADAM = OptimizerOptions.adam(1e-3, 1e-4);
    private static final int VIEWS = 8;

    static Stream<Arguments> states() {
        return Stream.of(
                        // Training has the statistics of its own batch: nothing of a step depends on the running ones.
                        "bn1.running_var",
                        "layer2.0.downsample.1.running_mean",
                        "layer4.1.bn2.running_var",
                        "conv1.weight",
                        "head.2.bias",
                        "averages/bn1.running_mean",
                        "averages/layer3.0.conv1.weight")
                .flatMap(name -> Stream.of(SGD, ADAM).map(optimizer -> Arguments.of(name, optimizer)));
    }

    @ParameterizedTest
    @MethodSource("states")
    void aStepFromAStateThatIsNotFiniteIsNotTaken(String name, OptimizerOptions optimizer) {
        for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            assertNotTaken(name, optimizer, value);
        }
    }

    @ParameterizedTest
    @CsvSource({"momentum_buffer/conv1.weight, SGD", "exp_avg/layer1.0.bn1.bias, ADAM", "exp_avg_sq/head.0.weight, ADAM"
    })
    void aStepWithASlotThatIsNotFiniteIsNotTaken(String name, OptimizerOptions.Kind kind) {
        assertNotTaken(name, kind == OptimizerOptions.Kind.SGD ? SGD : ADAM, Float.NEGATIVE_INFINITY);
    }

    private static void assertNotTaken(String name, OptimizerOptions optimizer, float value) {
        try (Encoder encoder =
                EncoderEngine.find().create(SPEC, new TrainingOptions(optimizer, 0.1, 0.9), TestDevice.OPTIONS, 1)) {
            assertThat(encoder.train(views(0), labels())).isFinite();
            EncoderState sound = encoder.state();
            EncoderState broken = with(sound, name, value);
            encoder.load(broken);

            assertThat(encoder.train(views(1), labels()))
                    .as("loss with %s", value)
                    .isNaN();

            assertThat(encoder.state()).isEqualTo(broken);
            SkippedStep skipped = encoder.skippedStep().orElseThrow();
            assertThat(skipped.notFinite()).first().isEqualTo(name);
            encoder.load(sound);
            assertThat(encoder.train(views(1), labels()))
                    .as("from a sound state")
                    .isFinite();
        }
    }

    /** Its square, which Adam averages, is no float: the average would stay infinite for good. */
    @Test
    void aStepWithAGradientWhoseSquareIsNoNumberIsNotTaken() {
        try (Encoder encoder =
                EncoderEngine.find().create(SPEC, new TrainingOptions(ADAM, 0.1), TestDevice.OPTIONS, 1)) {
            EncoderState before = encoder.state();
            assertThat(encoder.train(
                            views(0),
                            labels(),
                            (features, gradient) -> {
                                gradient[0] = 1e22f;
                                return 1;
                            },
                            1))
                    .isNaN();
            assertThat(encoder.state()).isEqualTo(before);
            assertThat(encoder.skippedStep().orElseThrow().gradientNorm()).isGreaterThan(1e19);
            assertThat(encoder.train(views(0), labels())).isFinite();
            assertThat(encoder.state().notFinite()).isEmpty();
        }
    }

    private static EncoderState with(EncoderState state, String name, float value) {
        String average = "averages/";
        return new EncoderState(
                state.fingerprint(),
                state.step(),
                with(state.parameters(), name, value),
                with(state.optimizerSlots(), name, value),
                name.startsWith(average)
                        ? with(state.averages(), name.substring(average.length()), value)
                        : state.averages());
    }

    private static List<Tensor> with(List<Tensor> tensors, String name, float value) {
        return tensors.stream()
                .map(tensor -> {
                    float[] values = tensor.values().clone();
                    if (tensor.name().equals(name)) {
                        values[values.length - 1] = value;
                    }
                    return new Tensor(tensor.name(), tensor.shape(), values);
                })
                .toList();
    }

    private static float[] views(int step) {
        RandomStream random = RandomStream.of(7, Purpose.GENERATE, step, 0);
        float[] views = new float[VIEWS * SHAPE.size()];
        for (int i = 0; i < views.length; i++) {
            views[i] = (float) random.nextDouble();
        }
        return views;
    }

    private static int[] labels() {
        return IntStream.range(0, VIEWS).map(view -> view % 2).toArray();
    }
}
