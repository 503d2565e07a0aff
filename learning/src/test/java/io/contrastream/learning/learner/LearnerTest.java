package io.contrastream.learning.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.learning.drift.DriftOptions;
import io.contrastream.learning.encoder.Diagnostics;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.ForwardingEncoder;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.ReferenceEncoder;
import io.contrastream.learning.encoder.SkippedStep;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.StepRate;
import io.contrastream.learning.encoder.StepResult;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.learner.LearnerOptions.Reservoir;
import io.contrastream.learning.learner.MiniBatchResult.Embedded;
import io.contrastream.learning.learner.MiniBatchResult.Prototype;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.objective.CrossEntropy;
import io.contrastream.learning.objective.Objective;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LearnerTest {

    private static final EncoderSpec SPEC = new EncoderSpec(
            Architecture.RESNET18_SLIM, Stem.CIFAR, 2, new ImageShape(3, 8, 8), 8, Normalization.CIFAR100);
    private static final TrainingOptions TRAINING = new TrainingOptions(OptimizerOptions.sgd(0.05, 0.9, 1e-4), 0.1);
    private static final GeneratedExamples EXAMPLES = new GeneratedExamples(SPEC.input(), 7);

    private static LearnerOptions options(int recall, int capacity, Reservoir reservoir, int steps, int refresh) {
        return new LearnerOptions(
                        5,
                        10,
                        new ReplayOptions(capacity, recall, reservoir),
                        new StepOptions(steps, steps, 2),
                        new ReviewOptions(refresh, false, 0))
                .withAccuracyWindow(50);
    }

    private static final LearnerOptions OPTIONS = options(20, 40, Reservoir.CLASS_BALANCED, 1, 10);

    private final List<Learner> opened = new ArrayList<>();

    private Learner learner(LearnerOptions options, Encoder encoder) {
        Learner learner = new Learner(options, encoder);
        opened.add(learner);
        return learner;
    }

    @AfterEach
    void close() {
        opened.forEach(Learner::close);
    }

    private static List<Example> batch(int number, int size, int classes) {
        return IntStream.range(number * size, (number + 1) * size)
                .mapToObj(position -> EXAMPLES.inTurn(position, classes))
                .toList();
    }

    private static Map<Integer, Example> slots(Learner learner) {
        Map<Integer, Example> slots = new HashMap<>();
        for (int slot = 0; slot < learner.replaySize(); slot++) {
            slots.put(slot, learner.replaySlot(slot));
        }
        return slots;
    }

    @Test
    void learnsFromTheFirstMiniBatchOnWithAnEmptyMemory() {
        Encoder encoder = new ReferenceEncoder(SPEC, TRAINING, 1);
        Learner learner = learner(OPTIONS, encoder);

        MiniBatchResult result = learner.learn(List.of(EXAMPLES.example(0, 0)));

        assertThat(result.encoderVersion()).isEqualTo(1);
        assertThat(result.loss()).isNotNaN();
        assertThat(result.changedSlots()).containsExactly(0);
        assertThat(result.learned()).singleElement().satisfies(learned -> {
            assertThat(learned.predictedLabel()).isNull();
            assertThat(learned.similarity()).isNaN();
        });
        assertThat(result.prototypes()).singleElement().satisfies(prototype -> {
            assertThat(prototype.label()).isEqualTo("class-0");
            assertThat(prototype.support()).isEqualTo(1);
            assertThat(prototype.vector())
                    .containsExactly(result.learned().get(0).embedding());
            assertThat(prototype.dispersion()).isCloseTo(1, within(1e-6f));
        });
        assertThat(learner.progress().windowAccuracy()).isZero();
    }

    private static org.assertj.core.data.Offset<Float> within(float tolerance) {
        return org.assertj.core.data.Offset.offset(tolerance);
    }

    /** With everything that an option can ask for. */
    private static LearnerOptions everything(Reservoir reservoir) {
        return new LearnerOptions(
                        5,
                        10,
                        new ReplayOptions(40, 20, reservoir),
                        new StepOptions(2, 2, 2),
                        new ReviewOptions(7, false, 60))
                .with(LossOptions.classified(0.5))
                .withAccuracyWindow(50);
    }

    @ParameterizedTest
    @EnumSource(Reservoir.class)
    void aRestoredLearnerGoesOnExactlyAsTheOriginal(Reservoir reservoir) {
        goesOnExactly(options(20, 40, reservoir, 2, 7), TRAINING);
        goesOnExactly(everything(reservoir), new TrainingOptions(TRAINING.optimizer(), 0.1, 0.95));
    }

    /** With everything that there is beside the published method: what the steps need is in the state. */
    @Test
    void aRestoredLearnerOfEveryIngredientGoesOnExactly() {
        goesOnExactly(
                new LearnerOptions(
                                5,
                                10,
                                new ReplayOptions(40, 20, Reservoir.CLASS_BALANCED),
                                new StepOptions(1, 4, 2),
                                new ReviewOptions(7, false, 60))
                        .with(new LossOptions(0.5, CrossEntropy.Scope.APART, 0.2, 2, 0.3, 0.1, 0))
                        .withAccuracyWindow(50)
                        .with(new DriftOptions(0.002, 0.02, 20)),
                new TrainingOptions(TRAINING.optimizer(), 0.1, 0.95));
    }

    @Test
    void aMiniBatchHasFewerStepsTheLessMemoryCovers() {
        LearnerOptions options = new LearnerOptions(
                        5,
                        10,
                        new ReplayOptions(40, 20, Reservoir.UNIFORM),
                        new StepOptions(1, 4, 2),
                        new ReviewOptions(1000, false, 0))
                .withAccuracyWindow(50);
        Learner learner = learner(options, new ReferenceEncoder(SPEC, TRAINING, 1));
        List<Integer> taken = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            taken.add(learner.learn(batch(i, 10, 3)).takenSteps());
        }
        // 4 √(40 / images seen), rounded.
        assertThat(taken.subList(0, 12)).containsExactly(4, 4, 4, 4, 4, 4, 3, 3, 3, 3, 3, 2);
        assertThat(taken.get(28)).isEqualTo(2);
        assertThat(taken.subList(29, 40)).containsOnly(1);
        assertThat(learner.state().encoder().step())
                .isEqualTo(taken.stream().mapToLong(steps -> steps).sum());
    }

    private void goesOnExactly(LearnerOptions options, TrainingOptions training) {
        Learner original = learner(options, new ReferenceEncoder(SPEC, training, 1));
        for (int i = 0; i < 12; i++) {
            original.learn(batch(i, 10, 7));
        }
        Learner restored = learner(options, new ReferenceEncoder(SPEC, training, 99));
        restored.restore(original.state(), slots(original));

        for (int i = 12; i < 30; i++) {
            assertThat(restored.learn(batch(i, 10, 7)))
                    .usingRecursiveComparison()
                    .isEqualTo(original.learn(batch(i, 10, 7)));
        }
        assertThat(restored.state()).isEqualTo(original.state());
        assertThat(slots(restored)).usingRecursiveComparison().isEqualTo(slots(original));
    }

    @Test
    void memoryIsReviewedWheneverSoManyImagesHaveBeenLearned() {
        LearnerOptions options = new LearnerOptions(
                        5,
                        10,
                        new ReplayOptions(40, 8, Reservoir.UNIFORM),
                        new StepOptions(1, 1, 2),
                        new ReviewOptions(1000, false, 25))
                .withAccuracyWindow(50);
        Learner learner = learner(options, new ReferenceEncoder(SPEC, TRAINING, 1));

        long[] versions = new long[6];
        boolean[] refreshed = new boolean[6];
        for (int i = 0; i < 6; i++) {
            MiniBatchResult result = learner.learn(batch(i, 10, 3));
            versions[i] = result.encoderVersion();
            refreshed[i] = !result.refreshed().isEmpty();
        }

        // After 30 images 30 / 8 steps more, after 50 images 40 / 8.
        assertThat(versions).containsExactly(1, 2, 6, 7, 13, 14);
        assertThat(refreshed).containsExactly(false, false, true, false, true, false);
    }

    @Test
    void aRefreshTakesStatisticsOfMemoryBeforeItEmbedsIt() {
        List<String> calls = new ArrayList<>();
        Encoder encoder = new ForwardingEncoder(new ReferenceEncoder(SPEC, TRAINING, 1)) {
            @Override
            public void recalibrate(float[] images, int n) {
                calls.add("statistics of " + n);
                super.recalibrate(images, n);
            }

            @Override
            public float[] embed(float[] images, int n) {
                calls.add("embedding of " + n);
                return super.embed(images, n);
            }
        };
        LearnerOptions options = new LearnerOptions(
                        5,
                        10,
                        new ReplayOptions(40, 20, Reservoir.CLASS_BALANCED),
                        new StepOptions(1, 1, 2),
                        new ReviewOptions(2, true, 0))
                .withAccuracyWindow(50);
        Learner learner = learner(options, encoder);
        learner.learn(batch(0, 10, 3));
        assertThat(calls).containsExactly("embedding of 10", "embedding of 10");
        calls.clear();
        learner.learn(batch(1, 10, 3));
        assertThat(calls)
                .containsExactly(
                        "embedding of 10",
                        "embedding of 10",
                        "statistics of 20",
                        "embedding of 10",
                        "embedding of 10"); // of the mini-batch again, and of the rest of memory
    }

    @Test
    void aReviewLearnsAtATenthOfTheRate() {
        List<Double> rates = new ArrayList<>();
        Encoder encoder = new ForwardingEncoder(new ReferenceEncoder(SPEC, TRAINING, 1)) {
            @Override
            public StepResult train(StepInput input, Objective objective, StepRate rate) {
                rates.add(rate.factor());
                return super.train(input, objective, rate);
            }
        };
        LearnerOptions options = new LearnerOptions(
                        5,
                        10,
                        new ReplayOptions(40, 5, Reservoir.UNIFORM),
                        new StepOptions(1, 1, 2),
                        new ReviewOptions(1000, false, 20))
                .withAccuracyWindow(50);
        Learner learner = learner(options, encoder);
        learner.learn(batch(0, 10, 3));
        learner.learn(batch(1, 10, 3));
        assertThat(rates).containsExactly(1.0, 1.0, 0.1, 0.1, 0.1, 0.1);
    }

    @Test
    void theClassifierChangesWhatTheEncoderLearnsAndGrowsWithTheClasses() {
        Learner without = learner(withClassifier(0), new ReferenceEncoder(SPEC, TRAINING, 1));
        Learner with = learner(withClassifier(0.5), new ReferenceEncoder(SPEC, TRAINING, 1));
        for (int i = 0; i < 3; i++) {
            without.learn(batch(i, 10, 3 + i));
            with.learn(batch(i, 10, 3 + i));
            assertThat(with.state().encoder().classifier().get(0).shape()).containsExactly(3 + i, SPEC.embeddingSize());
        }
        assertThat(without.state().encoder().classifier()).isEmpty();
        assertThat(largestDifference(
                        with.state().encoder().parameters(),
                        without.state().encoder().parameters()))
                .as("nothing but the classifier differs, and it is more than rounding")
                .isGreaterThan(1e-4);
    }

    private static double largestDifference(List<Tensor> some, List<Tensor> others) {
        double largest = 0;
        for (int i = 0; i < some.size(); i++) {
            for (int j = 0; j < some.get(i).values().length; j++) {
                largest = Math.max(
                        largest,
                        Math.abs(some.get(i).values()[j] - others.get(i).values()[j]));
            }
        }
        return largest;
    }

    private static LearnerOptions withClassifier(double weight) {
        return new LearnerOptions(
                        5,
                        10,
                        new ReplayOptions(40, 20, Reservoir.CLASS_BALANCED),
                        new StepOptions(1, 1, 2),
                        new ReviewOptions(10, false, 0))
                .with(LossOptions.classified(weight))
                .withAccuracyWindow(50);
    }

    @Test
    void aStateWithoutClassifierAndAveragesIsTakenOverByALearnerWithThem() {
        Learner without =
                learner(options(20, 40, Reservoir.CLASS_BALANCED, 1, 10), new ReferenceEncoder(SPEC, TRAINING, 1));
        without.learn(batch(0, 10, 3));
        TrainingOptions averaging = new TrainingOptions(TRAINING.optimizer(), 0.1, 0.95);
        Learner with = learner(everything(Reservoir.CLASS_BALANCED), new ReferenceEncoder(SPEC, averaging, 2));

        with.restore(without.state(), slots(without));

        assertThat(with.state().encoder().averages())
                .isEqualTo(without.state().encoder().parameters());
        assertThat(with.learn(batch(1, 10, 3)).loss()).isFinite();
        without.restore(with.state(), slots(with));
        assertThat(without.learn(batch(2, 10, 3)).loss()).isFinite();
    }

    @Test
    void tellsExactlyWhichSlotsChanged() {
        Learner learner =
                learner(options(5, 12, Reservoir.CLASS_BALANCED, 1, 1000), new ReferenceEncoder(SPEC, TRAINING, 1));
        Map<Integer, Example> before = slots(learner);
        for (int i = 0; i < 20; i++) {
            MiniBatchResult result = learner.learn(batch(i, 7, 5));
            Map<Integer, Example> after = slots(learner);
            Map<Integer, Example> known = before;
            assertThat(result.changedSlots())
                    .containsExactlyElementsOf(new TreeSet<>(after.keySet().stream()
                            .filter(slot -> !after.get(slot).equals(known.get(slot)))
                            .toList()));
            before = after;
        }
    }

    @Test
    void refreshMakesPrototypesTheMeansOfMemoryUnderTheNewEncoder() {
        Encoder encoder = new ReferenceEncoder(SPEC, TRAINING, 1);
        Learner learner = learner(options(10, 30, Reservoir.CLASS_BALANCED, 1, 5), encoder);
        for (int i = 0; i < 4; i++) {
            assertThat(learner.learn(batch(i, 10, 3)).refreshed()).isEmpty();
        }

        MiniBatchResult result = learner.learn(batch(4, 10, 3));

        List<Integer> untouched = new ArrayList<>(slots(learner).keySet());
        untouched.removeAll(result.changedSlots());
        assertThat(result.refreshed())
                .extracting(Embedded::example)
                .containsExactlyElementsOf(
                        untouched.stream().map(learner::replaySlot).toList());
        assertThat(result.prototypes()).extracting(Prototype::label).containsExactly("class-0", "class-1", "class-2");
        for (Prototype prototype : result.prototypes()) {
            List<float[]> members = slots(learner).values().stream()
                    .filter(example -> example.label().equals(prototype.label()))
                    .map(example -> embed(encoder, example))
                    .toList();
            double[] mean = new double[SPEC.embeddingSize()];
            members.forEach(member -> IntStream.range(0, mean.length).forEach(k -> mean[k] += member[k]));
            double length =
                    Math.sqrt(java.util.Arrays.stream(mean).map(m -> m * m).sum());
            double dispersion = 0;
            for (float[] member : members) {
                for (int k = 0; k < mean.length; k++) {
                    dispersion += member[k] * mean[k] / length / members.size();
                }
            }
            assertThat(prototype.support()).isEqualTo(members.size());
            assertThat(prototype.dispersion()).isCloseTo((float) dispersion, within(1e-5f));
            for (int k = 0; k < mean.length; k++) {
                assertThat(prototype.vector()[k]).isCloseTo((float) (mean[k] / length), within(1e-5f));
            }
        }
    }

    @Test
    void tellsTheNearestOfTheNewPrototypesOfEveryRefreshedImage() {
        Learner learner =
                learner(options(10, 30, Reservoir.CLASS_BALANCED, 1, 1), new ReferenceEncoder(SPEC, TRAINING, 1));
        learner.learn(batch(0, 10, 3));

        MiniBatchResult result = learner.learn(batch(1, 10, 3));

        assertThat(result.refreshed()).isNotEmpty().allSatisfy(embedded -> {
            float highest = -1;
            String nearest = null;
            for (Prototype prototype : result.prototypes()) {
                float cosine = 0;
                for (int k = 0; k < prototype.vector().length; k++) {
                    cosine += prototype.vector()[k] * embedded.embedding()[k];
                }
                if (cosine > highest) {
                    highest = cosine;
                    nearest = prototype.label();
                }
            }
            assertThat(embedded.nearestLabel()).isEqualTo(nearest);
            assertThat(embedded.similarity()).isCloseTo(highest, within(1e-5f));
        });
    }

    @Test
    void findsOutWithoutReplaySlotsThatAStateDoesNotFit() {
        Encoder encoder = new ReferenceEncoder(SPEC, TRAINING, 1);
        Learner stored = learner(OPTIONS, encoder);
        stored.learn(batch(0, 10, 3));
        Learner smaller = learner(options(20, 30, Reservoir.CLASS_BALANCED, 1, 10), encoder);

        assertThatThrownBy(() -> smaller.requireFit(stored.state()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("replay capacity is 40 in the state, but only 30 in the options");
    }

    private static float[] embed(Encoder encoder, Example example) {
        float[] image = new float[example.pixels().length];
        for (int i = 0; i < image.length; i++) {
            image[i] = (example.pixels()[i] & 0xFF) / 255f;
        }
        return encoder.embed(image, 1);
    }

    @Test
    void aClassThatLosesItsLastImageLosesItsPrototype() {
        Learner learner = learner(options(1, 2, Reservoir.UNIFORM, 1, 1000), new ReferenceEncoder(SPEC, TRAINING, 1));
        learner.learn(List.of(EXAMPLES.example(0, 0), EXAMPLES.example(0, 1)));
        TreeSet<String> published = new TreeSet<>(List.of("class-0"));
        for (int i = 0; i < 60; i++) {
            MiniBatchResult result = learner.learn(List.of(EXAMPLES.example(1, i)));
            result.prototypes().forEach(prototype -> published.add(prototype.label()));
            published.removeAll(result.lostPrototypes());
            assertThat(published)
                    .isEqualTo(new TreeSet<>(
                            slots(learner).values().stream().map(Example::label).toList()));
        }
        assertThat(published).containsExactly("class-1");
        assertThat(learner.progress().classes()).isEqualTo(2);
    }

    @Test
    void skippedStepsAreCountedAndTooManyInARowEndIt() {
        Encoder broken = new ForwardingEncoder(new ReferenceEncoder(SPEC, TRAINING, 1)) {
            @Override
            public StepResult train(StepInput input, Objective objective, StepRate rate) {
                return new StepResult(Float.NaN, false);
            }

            @Override
            public Diagnostics diagnostics() {
                Tensor gradient = new Tensor("head.2.bias", new int[] {2}, new float[] {3, Float.NaN});
                return Diagnostics.of(SkippedStep.of(1.5, state(), List.of(gradient), List.of(), 0.1));
            }
        };
        Learner learner = learner(OPTIONS, broken);
        for (int i = 0; i < 2; i++) {
            MiniBatchResult result = learner.learn(batch(i, 10, 3));
            assertThat(result.loss()).isNaN();
            assertThat(result.skippedSteps()).isEqualTo(1);
            assertThat(result.encoderVersion()).isZero();
        }
        assertThat(learner.progress().skippedSteps()).isEqualTo(2);
        assertThatThrownBy(() -> learner.learn(batch(2, 10, 3)))
                .isInstanceOf(DivergedException.class)
                .hasMessageContaining("3 optimiser steps in a row")
                .hasMessageContaining("20 images")
                .hasMessageContaining("loss 1.5, gradient norm NaN, learning rate 0.1, not finite: head.2.bias");
    }

    /** Two classes, whose labels are exchanged after half of the images. */
    private static List<Example> exchanged(int number) {
        return batch(number, 10, 2).stream()
                .map(example -> number < 40
                        ? example
                        : new Example(
                                example.id(),
                                example.label().equals("class-0") ? "class-1" : "class-0",
                                example.pixels(),
                                example.eventTimeMillis()))
                .toList();
    }

    @Test
    void labelsThatAreExchangedAreFoundAsErrorsThatRiseAlsoAcrossRestores() {
        LearnerOptions options = options(4, 8, Reservoir.UNIFORM, 1, 1000);
        Learner learner = learner(options, new ReferenceEncoder(SPEC, TRAINING, 1));
        Learner restoring = learner(options, new ReferenceEncoder(SPEC, TRAINING, 1));
        for (int i = 0; i < 60; i++) {
            learner.learn(exchanged(i));
            restoring.learn(exchanged(i));
            if (i == 39) {
                assertThat(learner.figures().errorRises()).isZero();
            }
            if (i % 3 == 0) {
                Learner next = learner(options, new ReferenceEncoder(SPEC, TRAINING, 7));
                next.restore(restoring.state(), slots(restoring));
                restoring = next;
            }
        }

        assertThat(learner.figures().errorRises()).isEqualTo(1);
        assertThat(learner.figures().errorChange().orElseThrow().images()).isBetween(401L, 600L);
        assertThat(restoring.figures()).isEqualTo(learner.figures());
        assertThat(restoring.state().progress()).isEqualTo(learner.state().progress());
    }

    @Test
    void reachesHighPrequentialAccuracyOnEasyClasses() {
        Learner learner = learner(OPTIONS, new ReferenceEncoder(SPEC, TRAINING, 1));
        for (int i = 0; i < 60; i++) {
            learner.learn(batch(i, 10, 8));
        }
        assertThat(learner.progress().windowAccuracy()).isGreaterThan(0.7);
        assertThat(learner.progress().imagesSeen()).isEqualTo(600);
        assertThat(learner.progress().windowSize()).isEqualTo(50);
    }
}
