package io.contrastream.encoders.parity;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.SkippedStep;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.StepRate;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.learner.Example;
import io.contrastream.learning.learner.Learner;
import io.contrastream.learning.learner.LearnerOptions;
import io.contrastream.learning.learner.MiniBatchResult;
import io.contrastream.learning.learner.ReplayOptions;
import io.contrastream.learning.learner.ReviewOptions;
import io.contrastream.learning.learner.StepOptions;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Network;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.objective.CrossEntropy;
import io.contrastream.learning.objective.Objective;
import io.contrastream.learning.objective.Sum;
import io.contrastream.learning.prototype.UnitRows;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.Arrays;
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
                        "averages/layer3.0.conv1.weight",
                        "classifier.weight",
                        "classifier.bias")
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
    @CsvSource({
        "momentum_buffer/conv1.weight, SGD",
        "momentum_buffer/classifier.weight, SGD",
        "exp_avg/layer1.0.bn1.bias, ADAM",
        "exp_avg_sq/head.0.weight, ADAM",
        "exp_avg_sq/classifier.bias, ADAM"
    })
    void aStepWithASlotThatIsNotFiniteIsNotTaken(String name, OptimizerOptions.Kind kind) {
        assertNotTaken(name, kind == OptimizerOptions.Kind.SGD ? SGD : ADAM, Float.NEGATIVE_INFINITY);
    }

    private static void assertNotTaken(String name, OptimizerOptions optimizer, float value) {
        try (Encoder encoder =
                EncoderEngine.find().create(SPEC, new TrainingOptions(optimizer, 0.1, 0.9), TestDevice.OPTIONS, 1)) {
            assertThat(train(encoder, 0, 1)).isTrue();
            EncoderState sound = encoder.state();
            EncoderState broken = with(sound, name, value);
            encoder.load(broken);

            assertThat(train(encoder, 1, 1)).as("a step with %s", value).isFalse();

            assertThat(encoder.state()).isEqualTo(broken);
            SkippedStep skipped = encoder.diagnostics().skippedStep().orElseThrow();
            assertThat(skipped.notFinite()).first().isEqualTo(name);
            encoder.load(sound);
            assertThat(train(encoder, 1, 1)).as("from a sound state").isTrue();
        }
    }

    /** Its square, which Adam averages, is no float: the average would stay infinite for good. */
    @Test
    void aStepWithAGradientWhoseSquareIsNoNumberIsNotTaken() {
        try (Encoder encoder =
                EncoderEngine.find().create(SPEC, new TrainingOptions(ADAM, 0.1), TestDevice.OPTIONS, 1)) {
            assertThat(train(encoder, 0, 1)).isTrue();
            EncoderState before = encoder.state();
            assertThat(train(encoder, 0, 1e22)).isFalse();
            assertThat(encoder.state()).isEqualTo(before);
            assertThat(encoder.diagnostics().skippedStep().orElseThrow().gradientNorm())
                    .isGreaterThan(1e19);
            assertThat(train(encoder, 0, 1)).isTrue();
            assertThat(encoder.state().notFinite()).isEmpty();
        }
    }

    /** Weights that are finite, and embeddings that are zeros or not finite. */
    @ParameterizedTest
    @CsvSource({"bn1.weight, 0", "bn1.weight, 1e38"})
    void noVectorThatIsNotFiniteAndOfLengthOneLeavesALearner(String name, float value) {
        LearnerOptions options = new LearnerOptions(
                        5,
                        VIEWS,
                        new ReplayOptions(16, 8, LearnerOptions.Reservoir.UNIFORM),
                        new StepOptions(1, 1, 9),
                        new ReviewOptions(1, false, 0))
                .withAccuracyWindow(20);
        try (Encoder encoder = EncoderEngine.find().create(SPEC, new TrainingOptions(SGD, 0.1), TestDevice.OPTIONS, 1);
                Learner learner = new Learner(options, encoder)) {
            EncoderState sound = encoder.state();
            encoder.load(filled(sound, name, value));

            MiniBatchResult broken = learner.learn(examples(1));

            assertThat(broken.learned()).hasSize(VIEWS);
            assertThat(broken.learned().stream().filter(learned -> learned.embedding() != null))
                    .as("published vectors")
                    .isEmpty();
            assertThat(broken.refreshed()).isEmpty();
            assertThat(broken.prototypes()).isEmpty();
            assertThat(broken.skippedSteps()).isEqualTo(1);
            encoder.load(sound);
            MiniBatchResult whole = learner.learn(examples(2));
            assertThat(whole.learned())
                    .hasSize(VIEWS)
                    .allSatisfy(learned -> assertThat(UnitRows.isUnit(learned.embedding(), 0, SPEC.embeddingSize()))
                            .isTrue());
            assertThat(whole.skippedSteps()).isZero();
        }
    }

    private static List<Example> examples(int batch) {
        byte[] pixels = pixels(batch);
        return IntStream.range(0, VIEWS)
                .mapToObj(i -> new Example(
                        batch + "/" + i,
                        "class-" + i % 2,
                        Arrays.copyOfRange(pixels, i * SHAPE.size(), (i + 1) * SHAPE.size()),
                        0))
                .toList();
    }

    private static EncoderState filled(EncoderState state, String name, float value) {
        List<Tensor> parameters = state.parameters().stream()
                .map(tensor -> {
                    float[] values = tensor.values().clone();
                    if (tensor.name().equals(name)) {
                        Arrays.fill(values, value);
                    }
                    return new Tensor(tensor.name(), tensor.shape(), values);
                })
                .toList();
        return new EncoderState(
                state.fingerprint(),
                state.step(),
                parameters,
                state.optimizerSlots(),
                state.averages(),
                state.classifier());
    }

    /** Whether a step is taken on the contrastive loss and a cross-entropy of the given weight. */
    private static boolean train(Encoder encoder, int batch, double weight) {
        Objective objective =
                Sum.of(Objectives.contrastive(encoder.training()), new CrossEntropy(Network.FEATURES, weight, 5));
        return encoder.train(StepInput.plain(SHAPE, pixels(batch), labels()), objective, StepRate.FULL)
                .taken();
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
                        : state.averages(),
                with(state.classifier(), name, value));
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

    private static byte[] pixels(int batch) {
        RandomStream random = RandomStream.of(7, Purpose.GENERATE, batch, 0);
        byte[] pixels = new byte[VIEWS * SHAPE.size()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) random.nextLong();
        }
        return pixels;
    }

    private static int[] labels() {
        return IntStream.range(0, VIEWS).map(view -> view % 2).toArray();
    }
}
