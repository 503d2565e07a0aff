package io.contrastream.learning.learner;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.learning.encoder.ForwardingEncoder;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.ReferenceEncoder;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.StepRate;
import io.contrastream.learning.encoder.StepResult;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.learner.LearnerOptions.Reservoir;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import io.contrastream.learning.objective.Objective;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The number of threads that make views changes nothing, wherever steps are skipped and the learner is stopped. */
class AugmentThreadsTest {

    private static final EncoderSpec SPEC = new EncoderSpec(
            Architecture.RESNET18_SLIM, Stem.CIFAR, 2, new ImageShape(3, 8, 8), 8, Normalization.CIFAR100);
    private static final TrainingOptions TRAINING = new TrainingOptions(OptimizerOptions.sgd(0.05, 0.9, 1e-4), 0.1);
    private static final GeneratedExamples EXAMPLES = new GeneratedExamples(SPEC.input(), 7);
    private static final int BATCHES = 12;

    /** Attempts at a step that are skipped: the first of a mini-batch, two in a row, and the last of one. */
    private static final Set<Integer> SKIPPED = Set.of(3, 7, 8, 11);

    private static LearnerOptions options(int steps, int threads) {
        return new LearnerOptions(
                        5,
                        10,
                        new ReplayOptions(40, 20, Reservoir.CLASS_BALANCED),
                        new StepOptions(steps, steps, 2),
                        new ReviewOptions(7, false, 0))
                .withAugmentThreads(threads)
                .withAccuracyWindow(50);
    }

    /** Mini-batch {@code number}; every fourth is not full. */
    private static List<Example> batch(int number) {
        return IntStream.range(number * 10, number * 10 + (number % 4 == 3 ? 4 : 10))
                .mapToObj(position -> EXAMPLES.inTurn(position, 6))
                .toList();
    }

    private record Outcome(List<float[]> views, List<MiniBatchResult> results, LearnerState state) {}

    private static Outcome learn(int steps, int threads) {
        SkippingEncoder encoder = new SkippingEncoder(0);
        try (Learner learner = new Learner(options(steps, threads), encoder)) {
            List<MiniBatchResult> results = new ArrayList<>();
            for (int i = 0; i < BATCHES; i++) {
                results.add(learner.learn(batch(i)));
            }
            return new Outcome(encoder.views, results, learner.state());
        }
    }

    /** Stopped after every mini-batch, and gone on by another learner. */
    private static Outcome learnInPieces(int steps, int threads) {
        List<float[]> views = new ArrayList<>();
        List<MiniBatchResult> results = new ArrayList<>();
        LearnerState state = null;
        Map<Integer, Example> slots = new HashMap<>();
        for (int i = 0; i < BATCHES; i++) {
            SkippingEncoder encoder = new SkippingEncoder(i * steps);
            try (Learner learner = new Learner(options(steps, threads), encoder)) {
                if (state != null) {
                    learner.restore(state, slots);
                }
                results.add(learner.learn(batch(i)));
                views.addAll(encoder.views);
                state = learner.state();
                for (int slot : results.get(i).changedSlots()) {
                    slots.put(slot, learner.replaySlot(slot));
                }
            }
        }
        return new Outcome(views, results, state);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void theNumberOfThreadsChangesNothing(int steps) {
        Outcome one = learn(steps, 1);

        assertThat(one.results).extracting(MiniBatchResult::skippedSteps).contains(1);
        assertThat(one.views)
                .hasSize(BATCHES * steps)
                .extracting(Arrays::hashCode)
                .as("views of an attempt, also of one after a skipped step")
                .doesNotHaveDuplicates();
        assertBitForBit(learn(steps, 1), one);
        assertBitForBit(learn(steps, 4), one);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void aLearnerThatIsStoppedAndRestoredMakesTheSameViews(int steps) {
        assertBitForBit(learnInPieces(steps, 4), learn(steps, 1));
    }

    private static void assertBitForBit(Outcome outcome, Outcome expected) {
        // By default numbers need only be close to each other.
        assertThat(outcome)
                .usingRecursiveComparison()
                .withComparatorForType(Float::compare, Float.class)
                .withComparatorForType(Double::compare, Double.class)
                .isEqualTo(expected);
    }

    /** Skips some attempts, and remembers the views of all. */
    private static final class SkippingEncoder extends ForwardingEncoder {

        private final List<float[]> views = new ArrayList<>();
        private int attempt;

        SkippingEncoder(int attempt) {
            super(new ReferenceEncoder(SPEC, TRAINING, 1));
            this.attempt = attempt;
        }

        @Override
        public StepResult train(StepInput input, Objective objective, StepRate rate) {
            views.add(input.hostViews().clone());
            return SKIPPED.contains(attempt++) ? new StepResult(Float.NaN, false) : super.train(input, objective, rate);
        }
    }
}
