package io.contrastream.benchmarks.continual;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.datasets.ImageSplit;
import io.contrastream.jobs.learning.ModelOptions;
import io.contrastream.learning.learner.Example;
import io.contrastream.operators.decode.ExampleDecoder;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;

final class ClassStagesTest {

    private static final ExampleDecoder DECODER =
            new ExampleDecoder(ModelOptions.of(new Configuration()).decode());

    private static ClassStages stages(ImageSplit images, long seed) {
        List<String> order = images.train().labels().subList(0, 5);
        return new ClassStages(images, DECODER, ClassStages.deal(order, 2), 30, 1, seed);
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
                    images, DECODER, List.of(images.train().labels().subList(0, 1)), 0, 1, 1);

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

    private static List<String> ids(List<Example> examples) {
        return examples.stream().map(Example::id).toList();
    }
}
