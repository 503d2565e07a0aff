package io.contrastream.encoders.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.Gradients;
import io.contrastream.learning.encoder.LearningRateSchedule;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.SkippedStep;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.StepRate;
import io.contrastream.learning.encoder.StepResult;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.image.Pixels;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Network;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.objective.CrossEntropy;
import io.contrastream.learning.objective.Objective;
import io.contrastream.learning.objective.Proxies;
import io.contrastream.learning.objective.Proxy;
import io.contrastream.learning.objective.Sum;
import io.contrastream.learning.objective.SupCon;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The promises of {@link Encoder}, tested of the engine on the class path. */
public abstract class EngineTest {

    private static final ImageShape SHAPE = new ImageShape(3, 16, 16);
    private static final EncoderSpec SPEC =
            new EncoderSpec(Architecture.RESNET18_SLIM, Stem.CIFAR, 4, SHAPE, 16, Normalization.CIFAR100);
    private static final int VIEWS = 24;
    private static final int STEPS = 5;

    private final String name;

    /** @param name that the engine must have */
    protected EngineTest(String name) {
        this.name = name;
    }

    static Stream<OptimizerOptions> optimizers() {
        return Stream.of(
                OptimizerOptions.sgd(0.05, 0, 0),
                OptimizerOptions.sgd(0.05, 0.9, 1e-3),
                OptimizerOptions.adam(1e-3, 1e-4));
    }

    @Test
    void theEngineIsFoundOnTheClassPath() {
        assertThat(EncoderEngine.find().name()).isEqualTo(name);
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void aRestoredEncoderGoesOnBitForBit(OptimizerOptions optimizer) {
        TrainingOptions training = new TrainingOptions(optimizer, 0.1);
        try (Encoder original = EncoderEngine.find().create(SPEC, training, TestDevice.OPTIONS, 1);
                Encoder restored = EncoderEngine.find().create(SPEC, training, TestDevice.OPTIONS, 2)) {
            train(original, 0, 5);
            restored.load(original.state());
            assertThat(restored.state()).isEqualTo(original.state());
            train(original, 5, 10);
            train(restored, 5, 10);
            assertThat(restored.state()).isEqualTo(original.state());
            assertThat(original.state().step()).isEqualTo(10);
        }
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void aStepWhoseLossIsNotFiniteChangesNothing(OptimizerOptions optimizer) {
        try (Encoder encoder =
                EncoderEngine.find().create(SPEC, new TrainingOptions(optimizer, 0.1), TestDevice.OPTIONS, 1)) {
            train(encoder, 0, 3);
            assertThat(encoder.diagnostics().skippedStep()).isEmpty();
            EncoderState sound = encoder.state();
            encoder.load(withActivationsThatOverflow(sound));
            EncoderState before = encoder.state();
            assertThat(Objectives.train(encoder, input(3)).taken()).isFalse();
            assertThat(encoder.state()).isEqualTo(before);
            assertThat(encoder.step()).isEqualTo(3);
            SkippedStep skipped = encoder.diagnostics().skippedStep().orElseThrow();
            assertThat(skipped.notFinite()).isNotEmpty();
            assertThat(skipped.learningRate()).isEqualTo(optimizer.learningRate());
            encoder.load(sound);
            train(encoder, 3, 4);
            assertThat(encoder.state()).isNotEqualTo(sound);
        }
    }

    /** Finite weights whose products with finite pixels are not. */
    private static EncoderState withActivationsThatOverflow(EncoderState state) {
        List<Tensor> parameters = state.parameters().stream()
                .map(parameter -> {
                    float[] values = parameter.values().clone();
                    if (parameter.name().equals("conv1.weight")) {
                        Arrays.fill(values, 1e38f);
                    }
                    return new Tensor(parameter.name(), parameter.shape(), values);
                })
                .toList();
        return new EncoderState(state.fingerprint(), state.step(), parameters, state.optimizerSlots());
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void aStepOfFiniteLossWhoseGradientIsInfiniteChangesNothing(OptimizerOptions optimizer) {
        try (Encoder encoder =
                EncoderEngine.find().create(SPEC, new TrainingOptions(optimizer, 0.1), TestDevice.OPTIONS, 1)) {
            train(encoder, 0, 3);
            encoder.load(withAFeatureThatOnlyTheGradientSees(encoder.state()));
            EncoderState before = encoder.state();
            assertThat(Objectives.train(encoder, input(3)).taken()).isFalse();
            assertThat(encoder.state()).isEqualTo(before);
            SkippedStep skipped = encoder.diagnostics().skippedStep().orElseThrow();
            assertThat(skipped.loss()).isFinite().isPositive();
            assertThat(skipped.gradientNorm()).isNotFinite();
            assertThat(skipped.notFinite()).containsExactly("head.0.weight");
        }
    }

    /**
     * The first feature becomes huge, and its weights 0: the loss does not depend on it, but the gradient of these weights is a sum
     * over the feature times what comes back, which grows as the projections get small.
     */
    private static EncoderState withAFeatureThatOnlyTheGradientSees(EncoderState state) {
        List<Tensor> parameters = new ArrayList<>();
        for (Tensor parameter : state.parameters()) {
            float[] values = parameter.values().clone();
            switch (parameter.name()) {
                case "layer4.1.bn2.weight" -> values[0] = 1e36f;
                case "head.0.weight" -> {
                    for (int i = 0; i < values.length; i++) {
                        values[i] = i % SPEC.embeddingSize() == 0 ? 0 : 1e-6f * values[i];
                    }
                }
                case "head.0.bias", "head.2.bias" -> {
                    for (int i = 0; i < values.length; i++) {
                        values[i] *= 1e-6f;
                    }
                }
                default -> {}
            }
            parameters.add(new Tensor(parameter.name(), parameter.shape(), values));
        }
        return new EncoderState(state.fingerprint(), state.step(), parameters, state.optimizerSlots());
    }

    /** Small steps, so that the loss is smooth along each; settings that a step shows after a few others. */
    static Stream<OptimizerOptions> smallSteps() {
        return Stream.of(
                OptimizerOptions.sgd(2e-3, 0, 0),
                OptimizerOptions.sgd(1e-3, 0.9, 1e-3),
                OptimizerOptions.sgd(1e-3, 0.5, 0.1),
                OptimizerOptions.adam(1e-5, 1e-4));
    }

    @ParameterizedTest
    @MethodSource("smallSteps")
    void theLossOfAFixedBatchFalls(OptimizerOptions optimizer) {
        fixedBatch(EngineTest::encoder).requireSteps(optimizer, STEPS);
    }

    static Stream<Arguments> wrongOptimizers() {
        return Stream.of(
                Arguments.of(OptimizerOptions.sgd(2e-3, 0, 0), OptimizerOptions.sgd(2.01e-3, 0, 0)),
                Arguments.of(OptimizerOptions.sgd(1e-3, 0.9, 1e-3), OptimizerOptions.sgd(1e-3, 1e-9, 1e-3)),
                Arguments.of(OptimizerOptions.sgd(1e-3, 0.9, 1e-3), OptimizerOptions.sgd(1e-3, 0.899, 1e-3)),
                Arguments.of(OptimizerOptions.sgd(1e-3, 0.9, 1e-3), OptimizerOptions.sgd(1e-3, 0.9, 0)),
                Arguments.of(OptimizerOptions.sgd(1e-3, 0.5, 0.1), OptimizerOptions.sgd(1e-3, 0.5, 0.101)),
                Arguments.of(OptimizerOptions.adam(1e-5, 1e-4), OptimizerOptions.adam(1e-5, 0)),
                Arguments.of(OptimizerOptions.adam(1e-5, 1e-4), adam(0.89, 0.999, 1e-8)),
                Arguments.of(OptimizerOptions.adam(1e-5, 1e-4), adam(0.9, 0.99, 1e-8)),
                Arguments.of(OptimizerOptions.adam(1e-5, 1e-4), adam(0.9, 0.999, 1e-5)));
    }

    private static OptimizerOptions adam(double beta1, double beta2, double epsilon) {
        return new OptimizerOptions(
                OptimizerOptions.Kind.ADAM, 1e-5, LearningRateSchedule.CONSTANT, 0, beta1, beta2, epsilon, 1e-4);
    }

    @ParameterizedTest
    @MethodSource("wrongOptimizers")
    void anEncoderWithAnotherOptimizerIsFoundOut(OptimizerOptions asked, OptimizerOptions wrong) {
        FixedBatch batch = fixedBatch(optimizer -> encoder(optimizer.equals(asked) ? wrong : optimizer));
        assertThatThrownBy(() -> batch.requireSteps(asked, STEPS))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("after step");
    }

    @ParameterizedTest
    @MethodSource("smallSteps")
    void anEncoderWithAnotherGradientIsFoundOut(OptimizerOptions optimizer) {
        FixedBatch batch = fixedBatch(options -> new WrongGradient(encoder(options)));
        assertThatThrownBy(() -> batch.requireSteps(optimizer, STEPS))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("fall of the loss in step 1");
    }

    private static FixedBatch fixedBatch(Function<OptimizerOptions, Encoder> engine) {
        return new FixedBatch(engine, input(0));
    }

    private static Encoder encoder(OptimizerOptions optimizer) {
        return EncoderEngine.find().create(SPEC, new TrainingOptions(optimizer, 0.1), TestDevice.OPTIONS, 1);
    }

    @Test
    void embeddingsAreUnitRowsThatDoNotDependOnTheirNeighbours() {
        try (Encoder encoder = EncoderEngine.find()
                .create(SPEC, new TrainingOptions(OptimizerOptions.sgd(0.1, 0, 0), 0.1), TestDevice.OPTIONS, 1)) {
            train(encoder, 0, 3);
            float[] images = views(9);
            float[] all = encoder.embed(images, VIEWS);
            int size = SPEC.embeddingSize();
            for (int image = 0; image < VIEWS; image++) {
                float[] one = new float[SHAPE.size()];
                System.arraycopy(images, image * one.length, one, 0, one.length);
                float[] alone = encoder.embed(one, 1);
                double square = 0;
                for (int i = 0; i < size; i++) {
                    assertThat(alone[i]).isCloseTo(all[image * size + i], within(1e-5f));
                    square += (double) alone[i] * alone[i];
                }
                assertThat(square).isCloseTo(1, within(1e-5));
            }
        }
    }

    @Test
    void aMirrorEmbeddingIsTheMeanOfAnImagesAndItsMirrorImagesBroughtToLengthOne() {
        TrainingOptions training = new TrainingOptions(OptimizerOptions.sgd(0.1, 0, 0), 0.1, 0.5);
        try (Encoder plain = EncoderEngine.find().create(SPEC, training, TestDevice.OPTIONS, 1);
                Encoder both =
                        EncoderEngine.find().create(SPEC.withMirrorEmbedding(true), training, TestDevice.OPTIONS, 1)) {
            train(plain, 0, 3);
            train(both, 0, 3);
            assertThat(both.state().parameters()).isEqualTo(plain.state().parameters()); // training sees nothing of it
            float[] images = views(9);
            float[] mirrored = mirrored(images);
            float[] one = plain.embed(images, VIEWS);
            float[] other = plain.embed(mirrored, VIEWS);

            float[] embeddings = both.embed(images, VIEWS);

            double apart = 0;
            for (int image = 0; image < VIEWS; image++) {
                double[] mean = new double[SPEC.embeddingSize()];
                double square = 0;
                for (int d = 0; d < mean.length; d++) {
                    int i = image * mean.length + d;
                    mean[d] = ((double) one[i] + other[i]) / 2;
                    square += mean[d] * mean[d];
                    apart = Math.max(apart, Math.abs(one[i] - other[i]));
                }
                for (int d = 0; d < mean.length; d++) {
                    assertThat((double) embeddings[image * mean.length + d])
                            .isCloseTo(mean[d] / Math.sqrt(square), within(1e-5));
                }
            }
            assertThat(apart).isGreaterThan(1e-2);
            assertThat(both.embed(mirrored, VIEWS)).containsExactly(embeddings, within(1e-5f));
        }
    }

    private static float[] mirrored(float[] images) {
        float[] mirrored = new float[images.length];
        for (int i = 0; i < images.length; i++) {
            int column = i % SHAPE.width();
            mirrored[i - column + SHAPE.width() - 1 - column] = images[i];
        }
        return mirrored;
    }

    @Test
    void aStateOfAnotherNetworkIsRefusedNamingWhatDiffers() {
        EncoderSpec wider =
                new EncoderSpec(Architecture.RESNET18_SLIM, Stem.CIFAR, 5, SHAPE, 16, Normalization.CIFAR100);
        TrainingOptions training = new TrainingOptions(OptimizerOptions.sgd(0.1, 0, 0), 0.1);
        try (Encoder encoder = EncoderEngine.find().create(SPEC, training, TestDevice.OPTIONS, 1);
                Encoder other = EncoderEngine.find().create(wider, training, TestDevice.OPTIONS, 1)) {
            EncoderState state = other.state();
            assertThatThrownBy(() -> encoder.load(state))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("width=5")
                    .hasMessageContaining("width=4");
        }
    }

    @Test
    void anotherEngineThanTheOneAskedForIsAnError() {
        EncoderEngine engine = EncoderEngine.find();
        engine.requireAskedFor(DeviceOptions.AUTO);
        engine.requireAskedFor(new DeviceOptions(name, "cpu", DeviceOptions.Precision.FLOAT32, 0, 0));
        DeviceOptions other = new DeviceOptions("other", "cpu", DeviceOptions.Precision.FLOAT32, 0, 0);
        assertThatThrownBy(() -> engine.requireAskedFor(other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("other")
                .hasMessageContaining(name);
    }

    @Test
    void aPrecisionThatIsNotThereIsAnError() {
        TrainingOptions training = new TrainingOptions(OptimizerOptions.sgd(0.1, 0, 0), 0.1);
        DeviceOptions tf32 = new DeviceOptions("auto", "cpu", DeviceOptions.Precision.TF32, 0, 0);
        assertThatThrownBy(() -> EncoderEngine.find().create(SPEC, training, tf32, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tf32")
                .hasMessageContaining("float32");
    }

    @Test
    void onACpuThePrecisionIsSingleUnlessItIsNamed() {
        TrainingOptions training = new TrainingOptions(OptimizerOptions.sgd(0.1, 0, 0), 0.1);
        float[] images = new float[SPEC.input().size()];
        DeviceOptions open = new DeviceOptions("auto", "cpu", DeviceOptions.Precision.AUTO, TestDevice.THREADS, 0);
        DeviceOptions named = new DeviceOptions("auto", "cpu", DeviceOptions.Precision.FLOAT32, TestDevice.THREADS, 0);
        try (Encoder auto = EncoderEngine.find().create(SPEC, training, open, 1);
                Encoder single = EncoderEngine.find().create(SPEC, training, named, 1)) {
            assertThat(auto.precision()).isEqualTo(DeviceOptions.Precision.FLOAT32);
            assertThat(auto.embed(images, 1)).isEqualTo(single.embed(images, 1));
        }
    }

    @Test
    void aGpuThatIsNotThereIsAnError() {
        TrainingOptions training = new TrainingOptions(OptimizerOptions.sgd(0.1, 0, 0), 0.1);
        DeviceOptions cuda = new DeviceOptions("cuda:99", 0, 0);
        assertThatThrownBy(() -> EncoderEngine.find().create(SPEC, training, cuda, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cuda:99");
    }

    @Test
    void theStateNamesParametersAsTorchvisionDoes() {
        try (Encoder encoder = EncoderEngine.find()
                .create(SPEC, new TrainingOptions(OptimizerOptions.adam(1e-3, 0), 0.1), TestDevice.OPTIONS, 1)) {
            assertThat(encoder.state().parameters())
                    .extracting(Tensor::name)
                    .contains(
                            "conv1.weight", "layer2.0.downsample.0.weight", "layer4.1.bn2.running_var", "head.2.bias");
            assertThat(encoder.state().parameters()).isEqualTo(SPEC.network().initialParameters(1));
        }
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void averagesAreThoseOfTheParametersAndImagesAreEmbeddedWithThem(OptimizerOptions optimizer) {
        TrainingOptions averaging = new TrainingOptions(optimizer, 0.1, 0.9);
        TrainingOptions plain = new TrainingOptions(optimizer, 0.1);
        try (Encoder averaged = EncoderEngine.find().create(SPEC, averaging, TestDevice.OPTIONS, 1);
                Encoder encoder = EncoderEngine.find().create(SPEC, plain, TestDevice.OPTIONS, 1)) {
            List<double[]> expected = averaged.state().parameters().stream()
                    .map(tensor -> doubles(tensor.values()))
                    .toList();
            for (int step = 0; step < 12; step++) {
                train(averaged, step, step + 1);
                double decay = Math.min(0.9, (1.0 + step) / (10 + step));
                for (int i = 0; i < expected.size(); i++) {
                    float[] newest = averaged.state().parameters().get(i).values();
                    for (int k = 0; k < newest.length; k++) {
                        expected.get(i)[k] = decay * expected.get(i)[k] + (1 - decay) * newest[k];
                    }
                }
            }
            EncoderState state = averaged.state();
            for (int i = 0; i < expected.size(); i++) {
                assertThat(doubles(state.averages().get(i).values())).containsExactly(expected.get(i), within(1e-5));
            }
            // Averaging changes nothing of the training, and one without averages embeds with what it has.
            train(encoder, 0, 12);
            assertThat(encoder.state().parameters()).isEqualTo(state.parameters());
            assertThat(encoder.state().averages()).isEmpty();
            EncoderState ofAverages =
                    new EncoderState(state.fingerprint(), state.step(), state.averages(), state.optimizerSlots());
            encoder.load(ofAverages);
            assertThat(averaged.embed(views(99), VIEWS)).isEqualTo(encoder.embed(views(99), VIEWS));
            assertThat(averaged.state()).isEqualTo(state);
            averaged.load(ofAverages);
            assertThat(averaged.state().averages()).isEqualTo(state.averages());
        }
    }

    @Test
    void statisticsAreTakenAnewUnderTheAveragesAndChangeNothingElse() {
        TrainingOptions averaging = new TrainingOptions(OptimizerOptions.sgd(0.05, 0, 0), 0.1, 0.9);
        try (Encoder encoder = EncoderEngine.find().create(SPEC, averaging, TestDevice.OPTIONS, 1);
                Encoder other = EncoderEngine.find().create(SPEC, averaging, TestDevice.OPTIONS, 2)) {
            train(encoder, 0, 5);
            EncoderState before = encoder.state();

            encoder.recalibrate(views(9), VIEWS);

            EncoderState after = encoder.state();
            assertThat(after.parameters()).isEqualTo(before.parameters());
            assertThat(after.step()).isEqualTo(5);
            for (int i = 0; i < after.averages().size(); i++) {
                boolean trained = SPEC.network().parameters().get(i).role().trained();
                assertThat(after.averages().get(i).equals(before.averages().get(i)))
                        .as(after.averages().get(i).name())
                        .isEqualTo(trained);
            }
            // Those of a step of the same images under the averages, of which a tenth is taken over in training.
            other.load(new EncoderState(before.fingerprint(), 0, before.averages(), List.of()));
            other.train(input(9), new SupCon(Network.FEATURES, 0.1, SupCon.Variant.OUT), StepRate.FULL);
            List<Tensor> moved = other.state().parameters();
            for (int i = 0; i < moved.size(); i++) {
                if (!SPEC.network().parameters().get(i).role().trained()) {
                    float[] were = before.averages().get(i).values();
                    float[] expected = new float[were.length];
                    for (int c = 0; c < were.length; c++) {
                        expected[c] = (moved.get(i).values()[c] - 0.9f * were[c]) / 0.1f;
                    }
                    assertThat(after.averages().get(i).values())
                            .as(moved.get(i).name())
                            .containsExactly(expected, within(1e-4f));
                }
            }
            encoder.recalibrate(views(9), VIEWS);
            assertThat(encoder.state()).isEqualTo(after); // whatever they were
            train(encoder, 5, 6);
            encoder.load(withActivationsThatOverflow(after));
            EncoderState overflowing = encoder.state();
            encoder.recalibrate(views(9), VIEWS);
            assertThat(encoder.state()).isEqualTo(overflowing);
        }
    }

    @Test
    void statisticsOfManyImagesAreTheMeanOfThoseOfTheirParts() {
        TrainingOptions averaging = new TrainingOptions(OptimizerOptions.sgd(0.05, 0, 0), 0.1, 0.9);
        int images = Encoder.STATISTICS_PART + 2;
        float[] all = new float[images * SHAPE.size()];
        for (int from = 0; from < all.length; from += VIEWS * SHAPE.size()) {
            System.arraycopy(views(from), 0, all, from, Math.min(all.length - from, VIEWS * SHAPE.size()));
        }
        int half = all.length / 2;
        try (Encoder encoder = EncoderEngine.find().create(SPEC, averaging, TestDevice.OPTIONS, 1)) {
            train(encoder, 0, 2);
            encoder.recalibrate(Arrays.copyOf(all, half), images / 2);
            List<Tensor> one = encoder.state().averages();
            encoder.recalibrate(Arrays.copyOfRange(all, half, all.length), images / 2);
            List<Tensor> two = encoder.state().averages();
            encoder.recalibrate(all, images);
            List<Tensor> both = encoder.state().averages();
            for (int i = 0; i < both.size(); i++) {
                float[] mean = new float[both.get(i).values().length];
                for (int c = 0; c < mean.length; c++) {
                    mean[c] = (one.get(i).values()[c] + two.get(i).values()[c]) / 2;
                }
                assertThat(both.get(i).values()).containsExactly(mean, within(1e-5f));
            }
            float[] single = Arrays.copyOf(all, SHAPE.size());
            encoder.recalibrate(single, 1); // has no variance
            assertThat(encoder.state().averages()).isEqualTo(both);
        }
        try (Encoder encoder = encoder(OptimizerOptions.sgd(0.1, 0, 0))) {
            assertThatThrownBy(() -> encoder.recalibrate(all, images))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("statistics are taken anew for averages of the weights, but there are none");
        }
    }

    static Stream<Objective> objectives() {
        SupCon contrastive = new SupCon(Network.PROJECTION, 0.5, SupCon.Variant.OUT);
        return Stream.of(
                contrastive,
                new SupCon(Network.PROJECTION, 0.5, SupCon.Variant.IN),
                new SupCon(Network.FEATURES, 0.5, SupCon.Variant.OUT),
                new CrossEntropy(Network.FEATURES, 0.7, 3),
                new CrossEntropy(Network.PROJECTION, 2, 3),
                new Proxy(Network.FEATURES, 0.5, 0.7, 3),
                Sum.of(new Proxy(Network.PROJECTION, 0.5, 1, 3), new CrossEntropy(Network.FEATURES, 0.7, 3)),
                Sum.of(contrastive, new CrossEntropy(Network.FEATURES, 0.7, 3)),
                Sum.of(contrastive, new SupCon(Network.FEATURES, 0.3, SupCon.Variant.IN)),
                new SupCon("stage1", 0.03, SupCon.Variant.OUT),
                new SupCon("stage3", 0.5, SupCon.Variant.OUT, 0.7),
                Sum.of(
                        contrastive,
                        new SupCon("stage1", 0.5, SupCon.Variant.OUT, 0.7),
                        new SupCon("stage2", 0.5, SupCon.Variant.OUT, 0.7),
                        new SupCon("stage3", 0.5, SupCon.Variant.OUT, 0.7),
                        new CrossEntropy(Network.FEATURES, 0.7, 3)));
    }

    /**
     * A small step of gradient descent lowers f by η‖∇f‖², which holds for no other direction of that length. The norm is the mean of
     * those at both ends of the step, which leaves out a third derivative only.
     */
    @ParameterizedTest
    @MethodSource("objectives")
    void everyObjectiveFallsAsItsGradientSays(Objective objective) {
        boolean stages = objective.terms().stream().anyMatch(term -> Network.STAGES.contains(term.tap()));
        // A stage's features, which no weights follow, are nearly alike: its loss falls by less than a float tells at a
        // small step.
        double rate = stages && objective.terms().size() == 1 ? 2e-2 : 1e-3;
        TrainingOptions training = new TrainingOptions(OptimizerOptions.sgd(rate, 0, 0), 0.5, 0, stages);
        try (Encoder encoder = EncoderEngine.find().create(SPEC, training, TestDevice.OPTIONS, 1)) {
            List<Tensor> start = encoder.gradients(input(0), objective).read(); // the classifier has its rows now
            List<Tensor> before = trained(encoder.state());
            float first = encoder.train(input(0), objective, StepRate.FULL).loss();
            List<Tensor> after = trained(encoder.state());
            float second = encoder.train(input(0), objective, StepRate.FULL).loss();
            List<Tensor> last = trained(encoder.state());
            double square = 0;
            double product = 0;
            for (int i = 0; i < before.size(); i++) {
                for (int k = 0; k < before.get(i).values().length; k++) {
                    double slope = (before.get(i).values()[k] - after.get(i).values()[k]) / rate;
                    double next = (after.get(i).values()[k] - last.get(i).values()[k]) / rate;
                    square += slope * slope;
                    product += slope * next;
                }
            }
            assertThat((first - second) / (rate * (square + product) / 2)).isCloseTo(1, within(0.03));
            assertThat(square(start)).isCloseTo(square, within(1e-3 * square));
            assertThat(square).isGreaterThan(1e-2);
            assertThat(start)
                    .extracting(Tensor::name)
                    .isEqualTo(before.stream().map(Tensor::name).toList());
        }
    }

    @Test
    void aLossOfAStageMovesWhatIsBeforeItByItsWeightAndNothingBehindIt() {
        TrainingOptions training = new TrainingOptions(OptimizerOptions.sgd(0.1, 0, 0), 0.5, 0, true);
        try (Encoder encoder = EncoderEngine.find().create(SPEC, training, TestDevice.OPTIONS, 1)) {
            List<Tensor> whole = encoder.gradients(input(0), new SupCon("stage2", 0.5, SupCon.Variant.OUT))
                    .read();
            Gradients quarter = encoder.gradients(input(0), new SupCon("stage2", 0.5, SupCon.Variant.OUT, 0.25));
            List<Tensor> weighted = quarter.read();
            for (int i = 0; i < whole.size(); i++) {
                boolean behind = whole.get(i).name().matches("(layer[34]|head)\\..*");
                assertThat(square(List.of(whole.get(i))) == 0)
                        .as(whole.get(i).name())
                        .isEqualTo(behind);
                for (int k = 0; k < whole.get(i).values().length; k++) {
                    float value = whole.get(i).values()[k];
                    assertThat(weighted.get(i).values()[k])
                            .isCloseTo(value / 4, org.assertj.core.data.Offset.offset(1e-5f + Math.abs(value) * 1e-3f));
                }
            }
        }
    }

    private static double square(List<Tensor> tensors) {
        return tensors.stream()
                .flatMapToDouble(tensor -> Arrays.stream(doubles(tensor.values())))
                .map(value -> value * value)
                .sum();
    }

    /** Trained parameters of the network, and those of the classifier and the class vectors. */
    private static List<Tensor> trained(EncoderState state) {
        List<Tensor> tensors = new ArrayList<>();
        for (int i = 0; i < state.parameters().size(); i++) {
            if (SPEC.network().parameters().get(i).role().trained()) {
                tensors.add(state.parameters().get(i));
            }
        }
        tensors.addAll(state.classifier());
        tensors.addAll(state.proxies());
        return tensors;
    }

    @Test
    void anOutputThatIsNotThereIsAnErrorThatNamesThoseThatAre() {
        try (Encoder encoder = encoder(OptimizerOptions.sgd(0.1, 0, 0))) {
            assertThatThrownBy(() -> encoder.gradients(input(0), new CrossEntropy("logits", 1, 0)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the network has no output logits, but features, projection");
            encoder.gradients(input(0), new CrossEntropy(Network.FEATURES, 1, 0));
            assertThatThrownBy(() -> encoder.gradients(input(0), new CrossEntropy(Network.PROJECTION, 1, 0)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("32 values")
                    .hasMessageContaining("has 16");
        }
    }

    /** Images of another shape could be taken for such of this one where the sizes are a multiple. */
    @Test
    void imagesOfAnotherShapeAreRefused() {
        ImageShape other = new ImageShape(3, 8, 8);
        StepInput input = StepInput.plain(other, new byte[4 * other.size()], new int[4]);
        try (Encoder encoder = encoder(OptimizerOptions.sgd(0.1, 0, 0))) {
            assertThatThrownBy(() -> Objectives.train(encoder, input))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the encoder takes images of 3x16x16, but these are of 3x8x8");
        }
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void gradientsAndThenApplyAreAStepToTheBit(OptimizerOptions optimizer) {
        TrainingOptions training = new TrainingOptions(optimizer, 0.1, 0.9);
        Objective objective = Sum.of(Objectives.classified(training), new Proxy(Network.FEATURES, 0.07, 1, 3));
        try (Encoder one = EncoderEngine.find().create(SPEC, training, TestDevice.OPTIONS, 1);
                Encoder other = EncoderEngine.find().create(SPEC, training, TestDevice.OPTIONS, 1)) {
            for (int step = 0; step < 5; step++) {
                StepResult expected = one.train(input(step), objective, StepRate.FULL);
                other.gradients(input(step + 1), objective); // changes nothing
                Gradients gradients = other.gradients(input(step), objective);
                assertThat(other.embed(views(step), VIEWS)).hasSize(VIEWS * SPEC.embeddingSize());
                assertThat(gradients.usable()).isTrue();
                assertThat(gradients.loss()).isEqualTo(expected.loss());
                assertThat(other.apply(gradients, StepRate.FULL)).isEqualTo(expected);
                assertThat(other.step()).isEqualTo(step + 1);
                assertThatThrownBy(() -> other.apply(gradients, StepRate.FULL))
                        .isInstanceOf(IllegalArgumentException.class);
            }
            assertThat(other.state()).isEqualTo(one.state());
        }
    }

    /** Over the edge of the room for classes too. */
    @ParameterizedTest
    @MethodSource("optimizers")
    void aClassifierGrowsWithTheClassesAndLeavesTheOldOnesAsTheyAre(OptimizerOptions optimizer) {
        TrainingOptions training = new TrainingOptions(optimizer, 0.1, 0.9);
        Objective objective = Objectives.classified(training);
        try (Encoder original = EncoderEngine.find().create(SPEC, training, TestDevice.OPTIONS, 1);
                Encoder restored = EncoderEngine.find().create(SPEC, training, TestDevice.OPTIONS, 2)) {
            original.train(input(0, 5), objective, StepRate.FULL);
            List<Tensor> before = original.state().classifier();
            assertThat(original.state().classes()).isEqualTo(5);
            assertThat(before).hasSize(4 + 2 * optimizer.slots().size());
            restored.load(original.state());
            assertThat(restored.state()).isEqualTo(original.state());

            for (int classes : new int[] {9, 40}) {
                original.gradients(input(1, classes), objective);
                List<Tensor> grown = original.state().classifier();
                assertThat(original.state().classes()).isEqualTo(classes);
                for (int i = 0; i < before.size(); i++) {
                    assertThat(grown.get(i).values()).startsWith(before.get(i).values());
                }
                assertThat(grown.get(1).values()).endsWith(new float[classes - 5]);
            }
            for (int step = 1; step < 4; step++) {
                original.train(input(step, 40), objective, StepRate.FULL);
                restored.train(input(step, 40), objective, StepRate.FULL);
            }
            assertThat(restored.state()).isEqualTo(original.state());
        }
    }

    /** A batch of which one image has the last of so many classes. */
    private static StepInput input(int step, int classes) {
        int[] labels = labels(step);
        labels[0] = classes - 1;
        return StepInput.plain(SHAPE, pixels(step), labels);
    }

    /** Over the edge of the room for classes too. */
    @ParameterizedTest
    @MethodSource("optimizers")
    void classVectorsGrowWithTheClassesAndLeaveTheOldOnesAsTheyAre(OptimizerOptions optimizer) {
        TrainingOptions training = new TrainingOptions(optimizer, 0.1, 0.9);
        Objective objective = Sum.of(Objectives.contrastive(training), new Proxy(Network.FEATURES, 0.07, 1, 3));
        try (Encoder original = EncoderEngine.find().create(SPEC, training, TestDevice.OPTIONS, 1);
                Encoder restored = EncoderEngine.find().create(SPEC, training, TestDevice.OPTIONS, 2)) {
            original.train(input(0, 5), objective, StepRate.FULL);
            List<Tensor> before = original.state().proxies();
            assertThat(before).hasSize(1 + optimizer.slots().size());
            assertThat(before.get(0).values()).isNotEqualTo(Proxies.initial(3, 0, 5, SPEC.embeddingSize()));
            restored.load(original.state());
            assertThat(restored.state()).isEqualTo(original.state());

            for (int classes : new int[] {9, 40}) {
                original.gradients(input(1, classes), objective);
                List<Tensor> grown = original.state().proxies();
                for (int i = 0; i < before.size(); i++) {
                    assertThat(grown.get(i).shape()).containsExactly(classes, SPEC.embeddingSize());
                    assertThat(grown.get(i).values()).startsWith(before.get(i).values());
                }
                assertThat(grown.get(0).values()).endsWith(Proxies.initial(3, 5, classes - 5, SPEC.embeddingSize()));
            }
            for (int step = 1; step < 4; step++) {
                original.train(input(step, 40), objective, StepRate.FULL);
                restored.train(input(step, 40), objective, StepRate.FULL);
            }
            assertThat(restored.state()).isEqualTo(original.state());
            assertThatThrownBy(() -> original.gradients(input(1), new Proxy(Network.PROJECTION, 0.07, 1, 3)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the class vectors of the proxy loss have 32 values, but the rows of the output that it"
                            + " is to look at 16");
            Objectives.train(original, input(5, 5)); // without them they stay
            assertThat(original.state().proxies()).isEqualTo(restored.state().proxies());
        }
    }

    /** Two views of each image, which is a class of its own. */
    @Test
    void aStepOfImagesWithoutLabelIsThatOfTheContrastiveLossAlone() {
        TrainingOptions training = new TrainingOptions(OptimizerOptions.sgd(0.05, 0.9, 1e-4), 0.1, 0.9);
        Objective objective = Sum.of(Objectives.classified(training), new Proxy(Network.FEATURES, 0.07, 1, 3));
        int[] own = new int[VIEWS];
        Arrays.setAll(own, view -> -1 - view / 2);
        try (Encoder whole = EncoderEngine.find().create(SPEC, training, TestDevice.OPTIONS, 1);
                Encoder contrastive = EncoderEngine.find().create(SPEC, training, TestDevice.OPTIONS, 1)) {
            for (int step = 0; step < 2; step++) {
                StepInput input = StepInput.plain(SHAPE, pixels(step), own);
                assertThat(whole.train(input, objective, StepRate.FULL).loss())
                        .isEqualTo(Objectives.train(contrastive, input).loss())
                        .isPositive();
            }
            assertThat(whole.state()).isEqualTo(contrastive.state());
            assertThat(whole.state().classifier()).isEmpty();

            own[2] = 4;
            whole.train(StepInput.plain(SHAPE, pixels(2), own), objective, StepRate.FULL);
            assertThat(whole.state().classifier().get(0).shape()).containsExactly(5, SPEC.embeddingSize());
            assertThat(whole.state().proxies().get(0).shape()).containsExactly(5, SPEC.embeddingSize());
        }
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void aStepOfATenthOfTheRateIsThatOfATenthOfTheLearningRate(OptimizerOptions optimizer) {
        OptimizerOptions tenth = new OptimizerOptions(
                optimizer.kind(),
                optimizer.learningRate() / 10,
                optimizer.schedule(),
                optimizer.momentum(),
                optimizer.beta1(),
                optimizer.beta2(),
                optimizer.epsilon(),
                optimizer.weightDecay());
        try (Encoder full =
                        EncoderEngine.find().create(SPEC, new TrainingOptions(optimizer, 0.1), TestDevice.OPTIONS, 1);
                Encoder slow =
                        EncoderEngine.find().create(SPEC, new TrainingOptions(tenth, 0.1), TestDevice.OPTIONS, 1)) {
            full.train(input(0), Objectives.contrastive(full.training()), new StepRate(0.1));
            Objectives.train(slow, input(0));
            for (int i = 0; i < full.state().parameters().size(); i++) {
                float[] values = full.state().parameters().get(i).values();
                float[] expected = slow.state().parameters().get(i).values();
                for (int k = 0; k < values.length; k++) {
                    // The product with the rate may be rounded the other way, and then the difference.
                    assertThat(values[k]).isCloseTo(expected[k], within(2 * Math.ulp(expected[k]) + 1e-9f));
                }
            }
        }
    }

    private static double[] doubles(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }

    private static void train(Encoder encoder, int from, int to) {
        for (int step = from; step < to; step++) {
            assertThat(Objectives.train(encoder, input(step)).taken()).isTrue();
        }
    }

    private static StepInput input(int step) {
        return StepInput.plain(SHAPE, pixels(step), labels(step));
    }

    private static byte[] pixels(int step) {
        RandomStream random = RandomStream.of(7, Purpose.GENERATE, step, 0);
        byte[] pixels = new byte[VIEWS * SHAPE.size()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) random.nextLong();
        }
        return pixels;
    }

    private static float[] views(int step) {
        float[] views = new float[VIEWS * SHAPE.size()];
        Pixels.toUnit(pixels(step), views, 0);
        return views;
    }

    private static int[] labels(int step) {
        RandomStream random = RandomStream.of(7, Purpose.GENERATE, step, 1);
        int[] labels = new int[VIEWS];
        for (int i = 0; i < VIEWS; i++) {
            labels[i] = random.nextInt(4);
        }
        return labels;
    }
}
