package io.contrastream.benchmarks.continual;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.datasets.ImageSplit;
import io.contrastream.datasets.Shuffle;
import io.contrastream.jobs.learning.ModelOptions;
import io.contrastream.learning.learner.Example;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import io.contrastream.operators.decode.ExampleDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;

final class ClassStagesTest {

    private static final ExampleDecoder DECODER =
            new ExampleDecoder(ModelOptions.of(new Configuration()).decode());

    private static ClassStages stages(ImageSplit images, long seed) {
        return stages(images, 2, StreamShape.STAGED, seed);
    }

    private static ClassStages stages(ImageSplit images, int stages, StreamShape shape, long seed) {
        List<String> order = images.train().labels().subList(0, 5);
        return new ClassStages(images, DECODER, ClassStages.deal(order, stages), 30, 1, shape, seed);
    }

    /** Of all stages, one after the other. */
    private static List<Example> stream(ClassStages stages) {
        return IntStream.range(0, stages.classes().size())
                .mapToObj(stages::train)
                .flatMap(List::stream)
                .toList();
    }

    @Test
    void classesAreDealtInTheirOrderAndAsEvenlyAsTheyCanBe() {
        assertThat(ClassStages.deal(List.of("a", "b", "c", "d", "e", "f"), 4))
                .containsExactly(List.of("a"), List.of("b", "c"), List.of("d"), List.of("e", "f"));
    }

    @Test
    void aStageHasEveryImageOnceAndOfItsOwnClasses() {
        try (ImageSplit images = ImageSplit.open("synthetic", 1)) {
            ClassStages stages = stages(images, 1);

            List<Example> second = stages.train(1);
            assertThat(second).hasSize(3 * 30).extracting(Example::id).doesNotHaveDuplicates();
            for (String label : stages.classes().get(1)) {
                assertThat(second).filteredOn(Example::label, label).hasSize(30);
            }
            assertThat(second.subList(0, 30))
                    .extracting(Example::label)
                    .as("classes are mixed")
                    .containsAll(stages.classes().get(1));
        }
    }

    @Test
    void noImageIsBothLearnedFromAndTestedWith() {
        try (ImageSplit images = ImageSplit.open("synthetic", 1)) {
            ClassStages all = new ClassStages(
                    images, DECODER, List.of(images.train().labels().subList(0, 1)), 0, 1, StreamShape.STAGED, 1);

            List<Example> test = all.test(images.train().labels().get(0));
            assertThat(all.train(0)).hasSize(800).extracting(Example::id).doesNotContainAnyElementsOf(ids(test));
            assertThat(test).hasSize(200);
        }
    }

    @Test
    void theSeedAloneChoosesImagesAndTheirOrder() {
        try (ImageSplit images = ImageSplit.open("synthetic", 1)) {
            List<String> one = ids(stages(images, 1).train(0));

            assertThat(ids(stages(images, 1).train(0))).isEqualTo(one);
            assertThat(ids(stages(images, 2).train(0))).hasSameSizeAs(one).isNotEqualTo(one);
        }
    }

    @Test
    void aStageIsTheShuffledFirstImagesOfTheShuffledImagesOfItsClasses() {
        try (ImageSplit images = ImageSplit.open("synthetic", 1)) {
            List<String> expected = new ArrayList<>();
            for (int label = 2; label < 5; label++) { // the second of two stages
                int[] order = Shuffle.permutation(
                        images.train().size(label), RandomStream.of(7, Purpose.SHUFFLE, 1, 1 + label));
                for (int i = 0; i < 30; i++) {
                    expected.add(images.train().id(label, order[i]));
                }
            }
            Shuffle.shuffle(expected, RandomStream.of(7, Purpose.SHUFFLE, 1, 0));

            assertThat(ids(stages(images, 7).train(1))).isEqualTo(expected);
        }
    }

    @Test
    void anotherPassHasTheSameImagesInAnotherOrder() {
        try (ImageSplit images = ImageSplit.open("synthetic", 1)) {
            ClassStages stages = stages(images, 1);

            assertThat(ids(stages.train(1, 0))).isEqualTo(ids(stages.train(1)));
            assertThat(ids(stages.train(1, 1)))
                    .isNotEqualTo(ids(stages.train(1)))
                    .isNotEqualTo(ids(stages.train(1, 2)))
                    .containsExactlyInAnyOrderElementsOf(ids(stages.train(1)));
        }
    }

    @Test
    void classesOfZipfsFrequenciesHaveAnNthOfTheImagesOfTheMostFrequentOne() {
        try (ImageSplit images = ImageSplit.open("synthetic", 1)) {
            ClassStages stages = stages(images, 2, new StreamShape(1, 0, 0, 0), 1);

            Map<String, Long> counts =
                    stream(stages).stream().collect(Collectors.groupingBy(Example::label, Collectors.counting()));
            assertThat(counts.values()).containsExactlyInAnyOrder(30L, 15L, 10L, 8L, 6L);
            assertThat(stages.trainSize()).isEqualTo(69);
        }
    }

    @Test
    void blurredStagesRunIntoTheirNeighboursAndHaveEveryImageOnce() {
        try (ImageSplit images = ImageSplit.open("synthetic", 1)) {
            ClassStages sharp = stages(images, 5, StreamShape.STAGED, 1);
            ClassStages blurred = stages(images, 5, new StreamShape(0, 1, 0, 0), 1);

            assertThat(ids(stream(blurred))).containsExactlyInAnyOrderElementsOf(ids(stream(sharp)));
            for (int stage = 0; stage < 5; stage++) {
                List<String> near = sharp.classes().subList(Math.max(0, stage - 1), Math.min(5, stage + 2)).stream()
                        .flatMap(List::stream)
                        .toList();
                assertThat(Set.copyOf(near))
                        .isEqualTo(blurred.train(stage).stream()
                                .map(Example::label)
                                .collect(Collectors.toSet()));
            }
        }
    }

    @Test
    void classesThatComeBackDoSoInLaterStagesOnly() {
        try (ImageSplit images = ImageSplit.open("synthetic", 1)) {
            ClassStages stages = stages(images, 5, new StreamShape(0, 0, 0.4, 0), 1);
            int late = 0;
            for (int stage = 0; stage < 5; stage++) {
                int now = stage;
                List<Example> train = stages.train(stage);
                assertThat(train).allMatch(image -> stages.order().indexOf(image.label()) <= now);
                late += (int) train.stream()
                        .filter(image -> stages.order().indexOf(image.label()) < now)
                        .count();
            }
            assertThat(stages.trainSize()).isEqualTo(150);
            assertThat(late)
                    .as("0.4 of the 120 images of the first four classes")
                    .isBetween(36, 60);
            assertThat(stages.train(4))
                    .extracting(Example::label)
                    .contains(stages.order().get(0));
        }
    }

    @Test
    void wrongLabelsAreOfOtherClassesThatAreKnownByThen() {
        try (ImageSplit images = ImageSplit.open("synthetic", 1)) {
            ClassStages right = stages(images, 2, StreamShape.STAGED, 1);
            ClassStages noisy = stages(images, 2, new StreamShape(0, 0, 0, 0.3), 1);
            int wrong = 0;
            for (int stage = 0; stage < 2; stage++) {
                List<String> known = right.order().subList(0, stage == 0 ? 2 : 5);
                List<Example> expected = right.train(stage);
                List<Example> actual = noisy.train(stage);
                assertThat(ids(actual)).isEqualTo(ids(expected));
                for (int i = 0; i < expected.size(); i++) {
                    assertThat(actual.get(i).label()).isIn(known);
                    assertThat(actual.get(i).pixels()).isEqualTo(expected.get(i).pixels());
                    wrong += actual.get(i).label().equals(expected.get(i).label()) ? 0 : 1;
                }
            }
            assertThat(wrong).as("0.3 of 150").isBetween(30, 60);
        }
    }

    private static List<String> ids(List<Example> examples) {
        return examples.stream().map(Example::id).toList();
    }
}
