package io.contrastream.learning.learner;

import static io.contrastream.learning.learner.LabelFixture.EXAMPLES;
import static io.contrastream.learning.learner.LabelFixture.OPTIONS;
import static io.contrastream.learning.learner.LabelFixture.SPEC;
import static io.contrastream.learning.learner.LabelFixture.TRAINING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.ForwardingEncoder;
import io.contrastream.learning.encoder.ReferenceEncoder;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.StepRate;
import io.contrastream.learning.encoder.StepResult;
import io.contrastream.learning.learner.MiniBatchResult.Prototype;
import io.contrastream.learning.objective.Objective;
import io.contrastream.learning.objective.SupCon;
import io.contrastream.learning.objective.SupConTwin;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Images without label as views of themselves. */
class UnlabelledTest {

    private static Example unlabelled(int number) {
        Example example = EXAMPLES.inTurn(1000 + number, 3);
        return new Example("unlabelled/" + number, "", example.pixels(), 0);
    }

    /** Six images with a label and four without. */
    private static List<Example> mixed(int batch) {
        List<Example> examples = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            examples.add(i % 5 < 3 ? EXAMPLES.inTurn(10 * batch + i, 3) : unlabelled(10 * batch + i));
        }
        return examples;
    }

    /** Keeps the input of every step of an encoder. */
    private static final class Watched extends ForwardingEncoder {

        private final List<StepInput> inputs = new ArrayList<>();

        Watched(Encoder encoder) {
            super(encoder);
        }

        @Override
        public StepResult train(StepInput input, Objective objective, StepRate rate) {
            inputs.add(input);
            return super.train(input, objective, rate);
        }
    }

    @Test
    void anImageWithoutLabelIsAClassOfItsOwnInAStep() {
        Watched encoder = new Watched(new ReferenceEncoder(SPEC, TRAINING, 1));
        try (Learner learner = new Learner(OPTIONS, encoder)) {
            learner.learn(mixed(0));
            learner.learn(mixed(1));

            for (StepInput input : encoder.inputs) {
                int[] own =
                        Arrays.stream(input.labels()).filter(label -> label < 0).toArray();
                assertThat(own).hasSize(4).doesNotHaveDuplicates();
                for (int label : own) {
                    assertThat(Arrays.stream(input.viewLabels()).filter(of -> of == label))
                            .as("its views, which are each other's positives")
                            .hasSize(2);
                }
                assertThat(input.fresh()).isEqualTo(10);
            }
        }
    }

    @Test
    void anImageWithoutLabelIsNotRememberedAndCountsForNoClass() {
        Encoder encoder = new ReferenceEncoder(SPEC, TRAINING, 1);
        try (Learner learner = new Learner(OPTIONS, encoder)) {
            for (int batch = 0; batch < 3; batch++) {
                MiniBatchResult result = learner.learn(mixed(batch));

                assertThat(result.learned()).hasSize(10);
                assertThat(result.prototypes())
                        .extracting(Prototype::label)
                        .containsExactly("class-0", "class-1", "class-2");
            }

            assertThat(learner.replaySize()).isEqualTo(18);
            assertThat(IntStream.range(0, 18).mapToObj(learner::replaySlot)).allMatch(Example::isLabelled);
            assertThat(learner.figures().imagesSeen()).isEqualTo(18);
            assertThat(learner.figures().windowSize()).isEqualTo(18);
            assertThat(learner.figures().classes()).isEqualTo(3);
            assertThat(encoder.state().classifier().get(0).shape()[0]).isEqualTo(3);
        }
    }

    @Test
    void anImageWithoutLabelIsEmbeddedWithTheNearestPrototype() {
        try (Learner learner = new Learner(OPTIONS, new ReferenceEncoder(SPEC, TRAINING, 1))) {
            learner.learn(mixed(0));
            MiniBatchResult.Learned learned = learner.learn(mixed(1)).learned().get(3);

            assertThat(learned.example().isLabelled()).isFalse();
            assertThat(learned.predictedLabel()).startsWith("class-");
            assertThat(learned.embedding()).isNotNull();
        }
    }

    @Test
    void anImageThatMemoryHasKeepsItsLabelWhenItComesWithoutOne() {
        try (Learner learner = new Learner(OPTIONS, new ReferenceEncoder(SPEC, TRAINING, 1))) {
            Example known = EXAMPLES.example(0, 0);
            learner.learn(List.of(known));
            MiniBatchResult result = learner.learn(
                    List.of(new Example(known.id(), "", EXAMPLES.example(1, 5).pixels(), 0)));

            assertThat(result.changedSlots()).isEmpty();
            assertThat(learner.remembered(known.id())).contains(known);
        }
    }

    @Test
    void aStreamWithoutLabelsIsLearnedByTheContrastiveLossAlone() {
        Watched encoder = new Watched(new ReferenceEncoder(SPEC, TRAINING, 1));
        try (Learner learner = new Learner(OPTIONS, encoder)) {
            for (int batch = 0; batch < 2; batch++) {
                int from = 10 * batch;
                MiniBatchResult result = learner.learn(IntStream.range(from, from + 10)
                        .mapToObj(UnlabelledTest::unlabelled)
                        .toList());
                assertThat(result.takenSteps()).isEqualTo(2);
                assertThat(result.prototypes()).isEmpty();
            }

            assertThat(encoder.state().classifier()).isEmpty();
            MiniBatchResult result = learner.learn(mixed(2));
            assertThat(result.takenSteps()).isEqualTo(2);
            assertThat(encoder.state().classifier()).isNotEmpty();
        }
    }

    /** NT-Xent of Chen et al. 2020, eq. 1, as the paper has it, out of the projections of the views. */
    @Test
    void theLossOfAStepWithoutLabelsIsNtXent() {
        double[][] z = {{1, 0}, {0.6, 0.8}, {0, 1}, {-0.8, 0.6}, {-1, 0}, {0.8, -0.6}
        }; // views of images 0, 1, 2, 0, 1, 2
        int[] labels = {-1, -2, -3, -1, -2, -3};
        double temperature = 0.5;
        double sum = 0;
        for (int i = 0; i < 6; i++) {
            double others = 0;
            for (int k = 0; k < 6; k++) {
                others += k == i ? 0 : Math.exp(product(z[i], z[k]) / temperature);
            }
            sum -= Math.log(Math.exp(product(z[i], z[(i + 3) % 6]) / temperature) / others);
        }

        for (SupCon.Variant variant : SupCon.Variant.values()) {
            double loss = new SupConTwin(variant, temperature).of(z, labels).loss();
            assertThat(loss).isCloseTo(sum / 6, within(1e-12));
        }
    }

    private static double product(double[] a, double[] b) {
        return a[0] * b[0] + a[1] * b[1];
    }

    @Test
    void aRestoredLearnerGoesOnExactlyAsTheOriginal() {
        Encoder original = new ReferenceEncoder(SPEC, TRAINING, 1);
        Encoder other = new ReferenceEncoder(SPEC, TRAINING, 2);
        try (Learner learner = new Learner(OPTIONS, original);
                Learner restored = new Learner(OPTIONS, other)) {
            for (int batch = 0; batch < 3; batch++) {
                learner.learn(mixed(batch));
            }
            Map<Integer, Example> slots = new HashMap<>();
            IntStream.range(0, learner.replaySize()).forEach(slot -> slots.put(slot, learner.replaySlot(slot)));
            restored.restore(learner.state(), slots);
            for (int batch = 3; batch < 12; batch++) {
                learner.learn(mixed(batch));
                restored.learn(mixed(batch));
            }

            assertThat(other.state()).isEqualTo(original.state());
            assertThat(restored.progress()).isEqualTo(learner.progress());
        }
    }
}
