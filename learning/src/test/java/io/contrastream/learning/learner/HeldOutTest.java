package io.contrastream.learning.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.ForwardingEncoder;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.ReferenceEncoder;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.StepRate;
import io.contrastream.learning.encoder.StepResult;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.learner.LearnerOptions.Reservoir;
import io.contrastream.learning.learner.MiniBatchResult.Embedded;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import io.contrastream.learning.objective.Objective;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HeldOutTest {

    private static final EncoderSpec SPEC = new EncoderSpec(
            Architecture.RESNET18_SLIM, Stem.CIFAR, 2, new ImageShape(3, 8, 8), 8, Normalization.CIFAR100);
    private static final GeneratedExamples EXAMPLES = new GeneratedExamples(SPEC.input(), 7);
    private static final TrainingOptions TRAINING = new TrainingOptions(OptimizerOptions.sgd(0.05, 0.9, 1e-4), 0.1);
    private static final HeldOut THIRD = new HeldOut(0.3);

    @Test
    void aShareOfTheIdsIsHeldOutAndStaysSo() {
        long held = IntStream.range(0, 20_000)
                .filter(i -> new HeldOut(0.05).contains("image-" + i))
                .count();

        assertThat(held / 20_000.0).isCloseTo(0.05, within(0.005));
        assertThat(IntStream.range(0, 20)
                        .filter(i -> THIRD.contains("image-" + i))
                        .boxed())
                .as("what later versions must hold out too")
                .containsExactly(8, 9, 13, 15, 19);
        assertThat(HeldOut.NONE.contains("image-0")).isFalse();
        assertThatThrownBy(() -> new HeldOut(0.6)).hasMessage("held-out share must be in [0, 0.5], but is 0.6");
    }

    /** Two steps a mini-batch, recall and reviews: whatever is trained on goes through {@code train}. */
    @Test
    void noHeldOutImageIsEverTrainedOn() {
        LearnerOptions options = new LearnerOptions(
                        5,
                        10,
                        new ReplayOptions(40, 20, Reservoir.CLASS_BALANCED),
                        new StepOptions(2, 2, 2),
                        new ReviewOptions(7, false, 30))
                .with(LossOptions.classified(0.5))
                .withAccuracyWindow(50)
                .with(THIRD);
        Watched watched = new Watched();
        int held = 0;
        try (Learner learner = new Learner(options, watched)) {
            for (int i = 0; i < 12; i++) {
                List<Example> batch = IntStream.range(10 * i, 10 * i + 10)
                        .mapToObj(position -> EXAMPLES.inTurn(position, 5))
                        .toList();
                held += (int) batch.stream().filter(THIRD::contains).count();
                assertThat(learner.learn(batch).learned()).hasSize(10);
            }

            assertThat(held).isGreaterThan(10);
            assertThat(watched.trained).isNotEmpty().noneMatch(this::isHeldOut);
            Survey survey = learner.survey();
            assertThat(survey.heldOut())
                    .isNotEmpty()
                    .extracting(Embedded::example)
                    .allMatch(THIRD::contains);
            assertThat(survey.trained()).extracting(Embedded::example).noneMatch(THIRD::contains);
            assertThat(survey.trained().size() + survey.heldOut().size()).isEqualTo(learner.replaySize());
            assertThat(survey.prototypes().stream()
                            .mapToInt(MiniBatchResult.Prototype::support)
                            .sum())
                    .isEqualTo(survey.trained().size());
        }
    }

    private boolean isHeldOut(byte[] image) {
        return IntStream.range(0, 120)
                .mapToObj(position -> EXAMPLES.inTurn(position, 5))
                .filter(THIRD::contains)
                .anyMatch(example -> Arrays.equals(example.pixels(), image));
    }

    @Test
    void aMiniBatchOfHeldOutImagesAloneIsRememberedAndTakesNoStepWhileThereIsNothingElse() {
        Example held = IntStream.range(0, 100)
                .mapToObj(position -> EXAMPLES.inTurn(position, 5))
                .filter(THIRD::contains)
                .findFirst()
                .orElseThrow();
        LearnerOptions options = new LearnerOptions(
                        5,
                        10,
                        new ReplayOptions(40, 20, Reservoir.CLASS_BALANCED),
                        new StepOptions(2, 2, 2),
                        new ReviewOptions(7, false, 0))
                .withAccuracyWindow(50)
                .with(THIRD);
        try (Learner learner = new Learner(options, new Watched())) {
            MiniBatchResult result = learner.learn(List.of(held));

            assertThat(result.encoderVersion()).isZero();
            assertThat(result.loss()).isNaN();
            assertThat(learner.replaySize()).isEqualTo(1);
            assertThat(learner.survey().prototypes()).isEmpty();
            assertThat(learner.survey().heldOutAccuracy()).isZero();
        }
    }

    @Test
    void aSurveyChangesNothingAndItsPrototypesAreThoseOfTheEncoderAsItIs() {
        LearnerOptions options = new LearnerOptions(
                        5,
                        10,
                        new ReplayOptions(40, 20, Reservoir.CLASS_BALANCED),
                        new StepOptions(1, 1, 2),
                        new ReviewOptions(1, false, 0))
                .withAccuracyWindow(50);
        Encoder encoder = new ReferenceEncoder(SPEC, TRAINING, 1);
        try (Learner learner = new Learner(options, encoder)) {
            MiniBatchResult last = null;
            for (int i = 0; i < 5; i++) {
                last = learner.learn(IntStream.range(10 * i, 10 * i + 10)
                        .mapToObj(position -> EXAMPLES.inTurn(position, 5))
                        .toList());
            }
            LearnerState before = learner.state();

            Survey survey = learner.survey();

            assertThat(learner.state()).isEqualTo(before);
            assertThat(survey.heldOut()).isEmpty();
            assertThat(survey.heldOutAccuracy()).isNaN();
            // Memory has just been re-encoded, so the learner's own are exact too.
            assertThat(survey.prototypes()).hasSameSizeAs(last.prototypes());
            for (int i = 0; i < survey.prototypes().size(); i++) {
                assertThat(survey.prototypes().get(i).label())
                        .isEqualTo(last.prototypes().get(i).label());
                assertThat(survey.prototypes().get(i).vector())
                        .containsExactly(last.prototypes().get(i).vector(), within(1e-5f));
            }
        }
    }

    /** Keeps the images that are trained on. */
    private static final class Watched extends ForwardingEncoder {

        private final List<byte[]> trained = new ArrayList<>();

        Watched() {
            super(new ReferenceEncoder(SPEC, TRAINING, 1));
        }

        @Override
        public StepResult train(StepInput input, Objective objective, StepRate rate) {
            int size = SPEC.input().size();
            for (int i = 0; i < input.images().length / size; i++) {
                trained.add(Arrays.copyOfRange(input.images(), i * size, (i + 1) * size));
            }
            return super.train(input, objective, rate);
        }
    }
}
