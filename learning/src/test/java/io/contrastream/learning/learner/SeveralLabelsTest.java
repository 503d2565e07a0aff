package io.contrastream.learning.learner;

import static io.contrastream.learning.learner.LabelFixture.EXAMPLES;
import static io.contrastream.learning.learner.LabelFixture.OPTIONS;
import static io.contrastream.learning.learner.LabelFixture.SPEC;
import static io.contrastream.learning.learner.LabelFixture.TRAINING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.ForwardingEncoder;
import io.contrastream.learning.encoder.LabelSets;
import io.contrastream.learning.encoder.ReferenceEncoder;
import io.contrastream.learning.encoder.Shard;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.StepRate;
import io.contrastream.learning.encoder.StepResult;
import io.contrastream.learning.learner.MiniBatchResult.Prototype;
import io.contrastream.learning.objective.Objective;
import io.contrastream.learning.objective.SupCon;
import io.contrastream.learning.objective.SupConTwin;
import io.contrastream.learning.objective.Twins;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Images with several labels. */
class SeveralLabelsTest {

    private static Example image(int number, String label, String... further) {
        Example example = EXAMPLES.inTurn(number, 3);
        return new Example("image-" + number, label, example.pixels(), 0, List.of(further));
    }

    /** Images without label, with one, and with two, of which one is of the image's class and the other of all such. */
    private static List<Example> mixed(int batch) {
        List<Example> examples = new ArrayList<>();
        for (int i = 10 * batch; i < 10 * batch + 10; i++) {
            String label = "class-" + i % 3;
            examples.add(
                    switch (i % 4) {
                        case 0 -> image(i, "");
                        case 1 -> image(i, label, "odd");
                        default -> image(i, label);
                    });
        }
        return examples;
    }

    private static Learner learner() {
        return new Learner(OPTIONS, new ReferenceEncoder(SPEC, TRAINING, 1));
    }

    private static int support(List<Prototype> prototypes, String label) {
        return prototypes.stream()
                .filter(prototype -> prototype.label().equals(label))
                .mapToInt(Prototype::support)
                .sum();
    }

    /** Khosla et al. 2020, eq. 2, as the paper has it, with P(i) the rows that share a label with i. */
    @Test
    void positivesAreImagesThatShareALabel() {
        double[][] z = {{1, 0}, {0.6, 0.8}, {0, 1}, {-0.8, 0.6}};
        LabelSets labels = new LabelSets(new int[] {0, 1, 2, 3}, new int[][] {{}, {0, 2}, {}, {}});
        int[][] positives = {{1}, {0, 2}, {1}};
        double sum = 0;
        for (int i = 0; i < positives.length; i++) {
            double others = 0;
            for (int a = 0; a < 4; a++) {
                others += a == i ? 0 : Math.exp(product(z[i], z[a]) / 0.5);
            }
            for (int p : positives[i]) {
                sum -= Math.log(Math.exp(product(z[i], z[p]) / 0.5) / others) / positives[i].length;
            }
        }

        assertThat(new SupConTwin(SupCon.Variant.OUT, 0.5)
                        .of(z, Twins.sets(labels))
                        .loss())
                .isCloseTo(sum / 3, within(1e-12));
    }

    private static double product(double[] a, double[] b) {
        return a[0] * b[0] + a[1] * b[1];
    }

    @Test
    void twoShareALabelWhicheverIsFirst() {
        LabelSets labels = new LabelSets(new int[] {0, 1, 2, -4, -4}, new int[][] {{}, {5, 0}, {5}, {}, {}});

        assertThat(labels.shared(0, 1)).isTrue();
        assertThat(labels.shared(1, 0)).isTrue();
        assertThat(labels.shared(1, 2)).isTrue();
        assertThat(labels.shared(0, 2)).isFalse();
        assertThat(labels.shared(3, 4)).as("views of one image without label").isTrue();
        assertThat(labels.shared(2, 3)).isFalse();
        assertThat(labels.table()).containsExactly(0, 0, 0, 1, 5, 0, 2, 5, 2, -4, -4, -4, -4, -4, -4);
    }

    @Test
    void aStepKnowsAllLabelsOfNewAndRecalledImages() {
        List<StepInput> inputs = new ArrayList<>();
        Encoder encoder = new ForwardingEncoder(new ReferenceEncoder(SPEC, TRAINING, 1)) {
            @Override
            public StepResult train(StepInput input, Objective objective, StepRate rate) {
                inputs.add(input);
                return super.train(input, objective, rate);
            }
        };
        try (Learner learner = new Learner(OPTIONS, encoder)) {
            learner.learn(List.of(image(0, "a", "c"), image(1, "b")));
            learner.learn(List.of(image(2, "b", "a")));
        }

        LabelSets labels = inputs.get(inputs.size() - 1).labelSets();
        assertThat(labels.first()[0]).isEqualTo(2); // of a, c, b, in the order in which they came
        assertThat(labels.further()[0]).containsExactly(0);
        assertThat(labels.size()).isEqualTo(3);
        int two = labels.first()[1] == 0 ? 1 : 2;
        assertThat(labels.of(two)).containsExactly(0, 1);
        assertThat(labels.of(3 - two)).containsExactly(2);
        for (Shard shard : Shard.deal(inputs.get(inputs.size() - 1), 2)) {
            assertThat(shard.whole().labelSets().table()).hasSize(12).contains(1);
        }
    }

    @Test
    void anImageCountsForThePrototypeOfEachOfItsLabels() {
        try (Learner learner = learner()) {
            List<Prototype> prototypes = learner.learn(List.of(image(0, "a", "b"), image(1, "b"), image(2, "c")))
                    .prototypes();

            assertThat(support(prototypes, "a")).isEqualTo(1);
            assertThat(support(prototypes, "b")).isEqualTo(2);
            assertThat(support(prototypes, "c")).isEqualTo(1);
            assertThat(learner.figures().classes()).isEqualTo(3);
            assertThat(learner.survey().prototypes()).hasSize(3);
        }
    }

    @Test
    void aPredictionOfAnyOfItsLabelsIsRight() {
        try (Learner learner = learner()) {
            learner.learn(List.of(image(0, "a")));
            learner.learn(List.of(image(3, "b", "a"))); // the only prototype is that of a

            assertThat(learner.figures().prequentialAccuracy()).isEqualTo(0.5);
        }
    }

    @Test
    void anImageThatComesAgainWithOtherLabelsLeavesThoseThatItHasNotAnyMore() {
        try (Learner learner = learner()) {
            learner.learn(List.of(image(0, "a", "b"), image(1, "c")));
            MiniBatchResult result = learner.learn(List.of(image(0, "c", "a")));

            assertThat(result.moved()).isEqualTo(1);
            assertThat(result.lostPrototypes()).containsExactly("b");
            assertThat(support(result.prototypes(), "a")).isEqualTo(1);
            assertThat(support(result.prototypes(), "c")).isEqualTo(2);
            assertThat(learner.learn(List.of(image(0, "c", "a"))).moved()).isZero();
        }
    }

    @Test
    void anImageThatIsForgottenLeavesAllItsClasses() {
        try (Learner learner = learner()) {
            learner.learn(List.of(image(0, "a", "b"), image(1, "b")));

            assertThat(learner.forget("image-0").lostPrototypes()).containsExactly("a");
            assertThat(learner.hasStalePrototypes()).isTrue();
            assertThat(support(learner.renewed(), "b")).isEqualTo(1);
        }
    }

    @Test
    void aRestoredLearnerGoesOnExactlyAsTheOriginal() {
        Encoder original = new ReferenceEncoder(SPEC, TRAINING, 1);
        Encoder other = new ReferenceEncoder(SPEC, TRAINING, 2);
        try (Learner learner = new Learner(OPTIONS, original);
                Learner restored = new Learner(OPTIONS, other)) {
            for (int batch = 0; batch < 5; batch++) {
                learner.learn(mixed(batch));
            }
            Map<Integer, Example> slots = new HashMap<>();
            IntStream.range(0, learner.replaySize()).forEach(slot -> slots.put(slot, learner.replaySlot(slot)));
            restored.restore(learner.state(), slots);

            for (int batch = 5; batch < 9; batch++) {
                MiniBatchResult expected = learner.learn(mixed(batch));
                MiniBatchResult actual = restored.learn(mixed(batch));
                assertThat(actual.loss()).isEqualTo(expected.loss());
                assertThat(actual.changedSlots()).isEqualTo(expected.changedSlots());
            }

            assertThat(other.state()).isEqualTo(original.state());
            assertThat(restored.progress()).isEqualTo(learner.progress());
            assertThat(slots.values()).anyMatch(example -> example.labels().size() > 1);
        }
    }
}
