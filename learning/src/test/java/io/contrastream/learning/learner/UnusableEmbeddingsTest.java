package io.contrastream.learning.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.ForwardingEncoder;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.ReferenceEncoder;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.StepRate;
import io.contrastream.learning.encoder.StepResult;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.learner.LearnerOptions.Reservoir;
import io.contrastream.learning.learner.MiniBatchResult.Learned;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.objective.Objective;
import io.contrastream.learning.prototype.UnitRows;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nothing that is not finite and of length 1 comes out of a learner, whatever comes out of its encoder. */
class UnusableEmbeddingsTest {

    private static final EncoderSpec SPEC = new EncoderSpec(
            Architecture.RESNET18_SLIM, Stem.CIFAR, 2, new ImageShape(3, 8, 8), 8, Normalization.CIFAR100);
    private static final TrainingOptions TRAINING = new TrainingOptions(OptimizerOptions.sgd(0.05, 0.9, 1e-4), 0.1);
    private static final LearnerOptions OPTIONS = new LearnerOptions(
                    5,
                    10,
                    new ReplayOptions(40, 20, Reservoir.CLASS_BALANCED),
                    new StepOptions(2, 2, 2),
                    new ReviewOptions(3, false, 0))
            .withAccuracyWindow(50);
    private static final GeneratedExamples EXAMPLES = new GeneratedExamples(SPEC.input(), 7);

    private static List<Example> batch(int number) {
        return IntStream.range(number * 10, (number + 1) * 10)
                .mapToObj(position -> EXAMPLES.inTurn(position, 3))
                .toList();
    }

    /** Embeds as the reference does until it is broken. */
    private static final class Broken extends ForwardingEncoder {

        private float factor = 1;
        private boolean allRows;
        private int steps;
        private int stepsUntilBroken = Integer.MAX_VALUE;

        Broken() {
            super(new ReferenceEncoder(SPEC, TRAINING, 1));
        }

        Broken by(float value, boolean all) {
            factor = value;
            allRows = all;
            return this;
        }

        @Override
        public StepResult train(StepInput input, Objective objective, StepRate rate) {
            steps++;
            return super.train(input, objective, rate);
        }

        @Override
        public float[] embed(float[] images, int n) {
            float[] rows = super.embed(images, n);
            int size = SPEC.embeddingSize();
            if (steps < stepsUntilBroken && stepsUntilBroken != Integer.MAX_VALUE) {
                return rows;
            }
            for (int i = allRows ? 0 : rows.length - size; i < rows.length; i++) {
                rows[i] *= factor;
            }
            return rows;
        }
    }

    private static void assertAllOfLengthOne(MiniBatchResult result) {
        result.learned().stream()
                .map(Learned::embedding)
                .filter(Objects::nonNull)
                .forEach(UnusableEmbeddingsTest::assertUnit);
        result.refreshed().forEach(embedded -> assertUnit(embedded.embedding()));
        result.prototypes().forEach(prototype -> assertUnit(prototype.vector()));
    }

    private static void assertUnit(float[] row) {
        assertThat(UnitRows.isUnit(row, 0, row.length)).as(Arrays.toString(row)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, 0, 0.5f, 1e30f})
    void noStepIsTakenOnAnEncoderThatDoesNotEmbedAndTheReasonIsTold(float factor) {
        Broken encoder = new Broken();
        try (Learner learner = new Learner(OPTIONS, encoder)) {
            learner.learn(batch(0));
            EncoderState before = encoder.state();
            encoder.by(factor, true);

            MiniBatchResult result = learner.learn(batch(1));

            assertThat(result.skippedSteps()).isEqualTo(2);
            assertThat(result.loss()).isNaN();
            assertThat(encoder.state()).isEqualTo(before);
            assertThat(result.learned()).hasSize(10).allSatisfy(learned -> {
                assertThat(learned.embedding()).isNull();
                assertThat(learned.predictedLabel()).isNull();
            });
            assertAllOfLengthOne(result);
            assertThat(learner.progress().skippedSteps()).isEqualTo(2);
            assertThat(learner.progress().imagesSeen()).isEqualTo(20);
            assertThatThrownBy(() -> learner.learn(batch(2)))
                    .isInstanceOf(DivergedException.class)
                    .hasMessageContaining("3 optimiser steps in a row were skipped")
                    .hasMessageContaining(
                            "the last had 10 of 10 embeddings that are not of length 1: that of image '2/6'"
                                    + " has the length ");

            encoder.by(1, true);
            assertThat(learner.learn(batch(2)).skippedSteps()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, 0, 2})
    void oneImageThatHasNoEmbeddingIsLeftOutOfAllThatIsPublished(float factor) {
        Broken encoder = new Broken();
        LearnerOptions patient = new LearnerOptions(
                        5,
                        10,
                        new ReplayOptions(40, 20, Reservoir.CLASS_BALANCED),
                        new StepOptions(1, 1, 100),
                        new ReviewOptions(1, false, 0))
                .withAccuracyWindow(50);
        try (Learner learner = new Learner(patient, encoder)) {
            learner.learn(batch(0));
            encoder.by(factor, false);
            for (int i = 1; i < 6; i++) {
                MiniBatchResult result = learner.learn(batch(i));
                assertAllOfLengthOne(result);
                assertThat(result.learned().get(9).embedding()).isNull();
                assertThat(result.learned().get(8).embedding()).isNotNull();
                assertThat(result.skippedSteps()).isEqualTo(1);
            }
            Map<Integer, Example> slots = new HashMap<>();
            IntStream.range(0, learner.replaySize()).forEach(slot -> slots.put(slot, learner.replaySlot(slot)));
            try (Learner restored = new Learner(patient, new Broken())) {
                restored.restore(learner.state(), slots);
                encoder.by(1, false);
                assertThat(restored.learn(batch(6))).usingRecursiveComparison().isEqualTo(learner.learn(batch(6)));
            }
        }
    }

    /** Damage by steps cannot be undone, but counts, and nothing of it is published. */
    @Test
    void stepsAfterWhichNothingIsEmbeddedCountAsSkipped() {
        Broken encoder = new Broken().by(Float.NaN, true);
        encoder.stepsUntilBroken = 3;
        try (Learner learner = new Learner(OPTIONS, encoder)) {
            learner.learn(batch(0));
            MiniBatchResult result = learner.learn(batch(1));

            assertThat(result.refreshed()).isEmpty();
            assertThat(result.prototypes()).isEmpty();
            assertThat(result.learned())
                    .allSatisfy(learned -> assertThat(learned.embedding()).isNull());
            assertThat(learner.progress().skippedInRow()).isEqualTo(1);
            assertThatThrownBy(() -> learner.learn(batch(2))).isInstanceOf(DivergedException.class);
        }
    }

    @Test
    void aStateThatIsNotFiniteIsNotTakenOver() {
        try (Learner learner = new Learner(OPTIONS, new ReferenceEncoder(SPEC, TRAINING, 1))) {
            learner.learn(batch(0));
            LearnerState state = learner.state();
            EncoderState encoder = state.encoder();
            assertRefused(
                    learner,
                    new LearnerState(
                            new EncoderState(
                                    encoder.fingerprint(),
                                    encoder.step(),
                                    broken(encoder.parameters()),
                                    encoder.optimizerSlots()),
                            state.progress()),
                    "hidden.weight, hidden.bias, head.weight");
            assertRefused(
                    learner,
                    new LearnerState(
                            new EncoderState(
                                    encoder.fingerprint(),
                                    encoder.step(),
                                    encoder.parameters(),
                                    encoder.optimizerSlots(),
                                    broken(encoder.parameters()),
                                    broken(List.of(new Tensor("classifier.weight", new int[] {1}, new float[1])))),
                            state.progress()),
                    "averages/hidden.weight, averages/hidden.bias, averages/head.weight and 1 more");
            double[] mean = state.progress().classStatistics().get(1).mean();
            mean[3] = Double.NaN;
            assertRefused(learner, state, "the prototype of class 'class-1'");
        }
    }

    private static List<Tensor> broken(List<Tensor> tensors) {
        return tensors.stream()
                .map(tensor -> {
                    float[] values = tensor.values().clone();
                    values[0] = Float.NaN;
                    return new Tensor(tensor.name(), tensor.shape(), values);
                })
                .toList();
    }

    private static void assertRefused(Learner learner, LearnerState state, String what) {
        assertThatThrownBy(() -> learner.requireFit(state))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the state does not fit: it has values that are not finite in " + what
                        + ": go back to an earlier one");
    }
}
