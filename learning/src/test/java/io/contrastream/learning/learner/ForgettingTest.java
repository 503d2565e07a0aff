package io.contrastream.learning.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.ReferenceEncoder;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.learner.Learner.Forgotten;
import io.contrastream.learning.learner.LearnerOptions.Reservoir;
import io.contrastream.learning.learner.MiniBatchResult.Prototype;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Images that are taken back, or come again under another label. */
class ForgettingTest {

    private static final EncoderSpec SPEC = new EncoderSpec(
            Architecture.RESNET18_SLIM, Stem.CIFAR, 2, new ImageShape(3, 8, 8), 8, Normalization.CIFAR100);
    private static final TrainingOptions TRAINING = new TrainingOptions(OptimizerOptions.sgd(0.05, 0.9, 1e-4), 0.1);
    private static final GeneratedExamples EXAMPLES = new GeneratedExamples(SPEC.input(), 7);
    private static final int CAPACITY = 24;

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

    /** Memory is re-encoded only by the renewal that the tests are about. */
    private static LearnerOptions options(Reservoir reservoir) {
        return new LearnerOptions(
                        5,
                        10,
                        new ReplayOptions(CAPACITY, 8, reservoir),
                        new StepOptions(1, 1, 2),
                        new ReviewOptions(100_000, false, 0))
                .withAccuracyWindow(50);
    }

    private static List<Example> batch(int number, int classes) {
        return IntStream.range(number * 10, (number + 1) * 10)
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

    private static Learner trained(Learner learner, int batches) {
        for (int i = 0; i < batches; i++) {
            learner.learn(batch(i, 4));
        }
        return learner;
    }

    /** Unit means of the images in memory under the encoder as it is, by another way than the learner's. */
    private static Map<String, double[]> expected(Learner learner, Encoder encoder) {
        Map<String, double[]> sums = new TreeMap<>();
        for (Example example : slots(learner).values()) {
            float[] image = new float[example.pixels().length];
            for (int i = 0; i < image.length; i++) {
                image[i] = (example.pixels()[i] & 0xFF) / 255f;
            }
            float[] row = encoder.embed(image, 1);
            double[] sum = sums.computeIfAbsent(example.label(), label -> new double[row.length]);
            for (int k = 0; k < row.length; k++) {
                sum[k] += row[k];
            }
        }
        sums.values().forEach(sum -> {
            double length = Math.sqrt(IntStream.range(0, sum.length)
                    .mapToDouble(k -> sum[k] * sum[k])
                    .sum());
            IntStream.range(0, sum.length).forEach(k -> sum[k] /= length);
        });
        return sums;
    }

    @ParameterizedTest
    @EnumSource(Reservoir.class)
    void aForgottenImageIsGoneAndThePrototypeIsAsIfItHadNeverBeenInMemory(Reservoir reservoir) {
        Encoder encoder = new ReferenceEncoder(SPEC, TRAINING, 1);
        Learner learner = trained(learner(options(reservoir), encoder), 8);
        for (int slot : new int[] {0, 7, CAPACITY - 3}) {
            Example image = learner.replaySlot(slot);
            Map<Integer, Example> before = slots(learner);

            Forgotten forgotten = learner.forget(image.id());

            assertThat(forgotten.copies()).isEqualTo(1);
            assertThat(slots(learner).values()).hasSize(before.size() - 1).doesNotContain(image);
            assertThat(changed(before, slots(learner))).isEqualTo(forgotten.changedSlots());
            assertThat(learner.hasStalePrototypes()).isTrue();
            List<Prototype> renewed = learner.renewed();
            assertThat(renewed).extracting(Prototype::label).containsExactly(image.label());
            assertThat(doubles(renewed.get(0).vector()))
                    .containsExactly(expected(learner, encoder).get(image.label()), within(1e-6));
            assertThat(renewed.get(0).support()).isEqualTo((int) slots(learner).values().stream()
                    .filter(example -> example.label().equals(image.label()))
                    .count());
            assertThat(learner.hasStalePrototypes()).isFalse();
            assertThat(learner.renewed()).isEmpty();
            assertThat(learner.forget(image.id())).isEqualTo(new Forgotten(0, List.of(), List.of()));
        }
    }

    private static List<Integer> changed(Map<Integer, Example> before, Map<Integer, Example> after) {
        return before.keySet().stream()
                .filter(slot -> !Objects.equals(after.get(slot), before.get(slot)))
                .toList();
    }

    private static double[] doubles(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }

    @Test
    void aClassIsLostWithItsLastImageAndBeginsAnewWithTheNext() {
        Learner learner =
                trained(learner(options(Reservoir.CLASS_BALANCED), new ReferenceEncoder(SPEC, TRAINING, 1)), 30);
        List<String> ids = slots(learner).values().stream()
                .filter(example -> example.label().equals("class-2"))
                .map(Example::id)
                .toList();
        for (String id : ids.subList(1, ids.size())) {
            assertThat(learner.forget(id).lostPrototypes()).isEmpty();
        }
        assertThat(learner.forget(ids.get(0)).lostPrototypes()).containsExactly("class-2");
        assertThat(learner.renewed()).isEmpty();
        assertThat(learner.progress().vacatedSlots()).isEqualTo(ids.size());

        MiniBatchResult result = learner.learn(IntStream.range(0, 5)
                .mapToObj(index -> EXAMPLES.example(2, 1000 + index))
                .toList());

        assertThat(result.prototypes()).extracting(Prototype::label).containsExactly("class-2");
        assertThat(result.prototypes().get(0).support())
                .as("all of them are kept")
                .isEqualTo(5);
        assertThat(learner.progress().vacatedSlots()).isEqualTo(ids.size() - 5);
    }

    /** Stopped right after the order to forget, when the prototype is not renewed yet, and at several later points. */
    @ParameterizedTest
    @EnumSource(Reservoir.class)
    void aLearnerRestoredAfterForgettingGoesOnExactlyAsTheOriginal(Reservoir reservoir) {
        LearnerOptions options = new LearnerOptions(
                        5,
                        10,
                        new ReplayOptions(CAPACITY, 8, reservoir),
                        new StepOptions(2, 2, 2),
                        new ReviewOptions(7, false, 60))
                .with(LossOptions.classified(0.5))
                .withAccuracyWindow(50);
        Learner original = trained(learner(options, new ReferenceEncoder(SPEC, TRAINING, 1)), 12);
        for (int round = 0; round < 4; round++) {
            for (int slot = 9; slot > 4; slot--) {
                original.forget(original.replaySlot(slot).id());
            }
            Learner restored = learner(options, new ReferenceEncoder(SPEC, TRAINING, 99));
            restored.restore(original.state(), slots(original));
            if (round % 2 == 1) {
                assertThat(restored.renewed()).usingRecursiveComparison().isEqualTo(original.renewed());
            }
            for (int i = 0; i < 3; i++) {
                List<Example> batch = batch(12 + 3 * round + i, 5);
                assertThat(restored.learn(batch)).usingRecursiveComparison().isEqualTo(original.learn(batch));
            }
            assertThat(restored.state()).isEqualTo(original.state());
            assertThat(slots(restored)).usingRecursiveComparison().isEqualTo(slots(original));
            original = restored;
        }
    }

    @Test
    void theSameIdWithAnotherLabelMovesTheImage() {
        Encoder encoder = new ReferenceEncoder(SPEC, TRAINING, 1);
        Learner learner = trained(learner(options(Reservoir.CLASS_BALANCED), encoder), 8);
        List<Example> moved = List.of(learner.replaySlot(2), learner.replaySlot(11), learner.replaySlot(20));
        int size = learner.replaySize();
        long seen = learner.progress().imagesSeen();

        MiniBatchResult result = learner.learn(moved.stream()
                .map(example -> new Example(example.id(), "right", example.pixels(), 0))
                .toList());

        assertThat(result.moved()).isEqualTo(3);
        assertThat(result.changedSlots()).containsExactly(2, 11, 20);
        assertThat(learner.replaySize()).isEqualTo(size);
        assertThat(learner.progress().imagesSeen()).isEqualTo(seen + 3);
        for (Example example : moved) {
            assertThat(slots(learner).values())
                    .filteredOn(kept -> kept.id().equals(example.id()))
                    .singleElement()
                    .satisfies(kept -> assertThat(kept.label()).isEqualTo("right"));
        }
        Map<String, double[]> expected = expected(learner, encoder);
        List<String> left = moved.stream().map(Example::label).distinct().toList();
        assertThat(result.prototypes())
                .extracting(Prototype::label)
                .contains("right")
                .containsAll(left);
        for (Prototype prototype : result.prototypes()) {
            assertThat(doubles(prototype.vector()))
                    .as(prototype.label())
                    .containsExactly(expected.get(prototype.label()), within(1e-5));
        }
    }

    @Test
    void aClassThatLosesItsLastImageToAnotherLosesItsPrototype() {
        Learner learner = trained(learner(options(Reservoir.UNIFORM), new ReferenceEncoder(SPEC, TRAINING, 1)), 1);
        Example wrong = new Example("face1", "dgo", EXAMPLES.example(9, 0).pixels(), 0);
        learner.learn(List.of(wrong));

        MiniBatchResult result = learner.learn(List.of(new Example("face1", "dog", wrong.pixels(), 0)));

        assertThat(result.lostPrototypes()).containsExactly("dgo");
        assertThat(result.prototypes()).extracting(Prototype::label).contains("dog");
        assertThat(learner.progress().classStatistics())
                .filteredOn(statistics -> statistics.label().equals("dgo"))
                .singleElement()
                .satisfies(statistics -> assertThat(statistics.seen()).isZero());
    }

    /** In one mini-batch, in the next one, and in memory from a time when an id could be there several times. */
    @Test
    void theSameIdNeverLeavesTwoCopies() {
        LearnerOptions options = options(Reservoir.CLASS_BALANCED);
        Learner learner = learner(options, new ReferenceEncoder(SPEC, TRAINING, 1));
        Example again = EXAMPLES.example(0, 0);
        learner.learn(List.of(again, EXAMPLES.example(1, 1), EXAMPLES.example(0, 0), EXAMPLES.example(1, 2)));
        learner.learn(List.of(EXAMPLES.example(0, 0), EXAMPLES.example(2, 2)));
        assertThat(slots(learner).values()).extracting(Example::id).containsExactly("0/0", "1/1", "1/2", "2/2");

        Learner old = learner(options, new ReferenceEncoder(SPEC, TRAINING, 1));
        old.restore(
                withCopies(learner.state()),
                Map.of(0, again, 1, EXAMPLES.example(1, 1), 2, again, 3, EXAMPLES.example(2, 2), 4, again));
        Learner forgetful = learner(options, new ReferenceEncoder(SPEC, TRAINING, 1));
        forgetful.restore(old.state(), slots(old));

        assertThat(forgetful.forget("0/0").copies()).isEqualTo(3);
        assertThat(slots(forgetful).values()).extracting(Example::id).containsExactlyInAnyOrder("1/1", "2/2");
        MiniBatchResult result = old.learn(List.of(new Example("0/0", "class-1", again.pixels(), 0)));
        assertThat(result.changedSlots()).containsExactly(0, 2, 3, 4);
        assertThat(result.lostPrototypes()).containsExactly("class-0");
        assertThat(slots(old).values()).extracting(Example::id).containsExactlyInAnyOrder("0/0", "1/1", "2/2");
    }

    /** Three images of class 0, one of each other. */
    private static LearnerState withCopies(LearnerState state) {
        LearnerProgress progress = state.progress();
        return new LearnerState(
                state.encoder(),
                new LearnerProgress(
                        5,
                        0,
                        progress.window(),
                        0,
                        0,
                        0,
                        progress.reservoir(),
                        progress.replayCapacity(),
                        0,
                        progress.classStatistics().stream()
                                .map(statistics -> {
                                    int images = statistics.label().equals("class-0") ? 3 : 1;
                                    return new ClassProgress(
                                            statistics.label(), images, false, images, statistics.mean());
                                })
                                .toList()));
    }
}
