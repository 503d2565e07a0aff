package io.contrastream.learning.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.learning.augment.AugmentOptions;
import io.contrastream.learning.augment.Augmentation;
import io.contrastream.learning.encoder.LabelSets;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.image.Pixels;
import io.contrastream.learning.learner.LearnerOptions.Reservoir;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ViewMakerTest {

    private static final ImageShape SHAPE = new ImageShape(3, 8, 8);
    private static final long SEED = 5;
    private static final GeneratedExamples EXAMPLES = new GeneratedExamples(SHAPE, 7);

    private static ViewMaker maker(int threads) {
        return new ViewMaker(
                new LearnerOptions(
                                SEED,
                                10,
                                new ReplayOptions(1, 0, Reservoir.UNIFORM),
                                new StepOptions(1, 1, 0),
                                new ReviewOptions(1, false, 0))
                        .withAugmentThreads(threads)
                        .withAccuracyWindow(1),
                SHAPE,
                true);
    }

    private static List<byte[]> images(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> EXAMPLES.example(i, 0).pixels())
                .toList();
    }

    /** Views one after another, without threads. */
    private static float[] oneByOne(long attempt, List<byte[]> images) {
        Augmentation augmentation = new Augmentation(AugmentOptions.SCR, SHAPE);
        float[] views = new float[2 * images.size() * SHAPE.size()];
        for (int i = 0; i < images.size(); i++) {
            Pixels.toUnit(images.get(i), views, i * SHAPE.size());
            int second = images.size() + i;
            RandomStream random = RandomStream.of(SEED, Purpose.AUGMENT, attempt, second);
            augmentation.view(images.get(i), random, views, second * SHAPE.size());
        }
        return views;
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 40", "4, 1", "4, 40", "0, 40"})
    void viewsAreAFunctionOfImageAttemptAndPosition(int threads, int count) {
        try (ViewMaker maker = maker(threads)) {
            int[] labels = IntStream.range(100, 100 + count).toArray();
            for (long attempt = 0; attempt < 50; attempt++) {
                StepInput views = maker.make(attempt, images(count), LabelSets.single(labels), count);
                assertThat(views.hostViews()).isEqualTo(oneByOne(attempt, images(count)));
                assertThat(views.viewLabels())
                        .hasSize(2 * count)
                        .startsWith(labels)
                        .endsWith(labels);
            }
        }
    }

    @Test
    void whereTheEngineMakesThemViewsAreThePlanOfTheSame() {
        LearnerOptions options = new LearnerOptions(
                        SEED,
                        10,
                        new ReplayOptions(1, 0, Reservoir.UNIFORM),
                        new StepOptions(1, 1, 0),
                        new ReviewOptions(1, false, 0))
                .withAugmentThreads(3)
                .withAccuracyWindow(1);
        try (ViewMaker maker = new ViewMaker(options, SHAPE, false)) {
            StepInput input = maker.make(
                    7, images(30), LabelSets.single(IntStream.range(0, 30).toArray()), 10);

            assertThat(input.views()).hasSize(60);
            assertThat(input.views().subList(0, 30)).allMatch(view -> view.isPlain(SHAPE));
            assertThat(input.hostViews()).isEqualTo(oneByOne(7, images(30)));
            assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .noneMatch(name -> name.startsWith("contrastream-augment-"));
        }
    }

    @Test
    void viewsStayWhatTheyAreWhileThoseOfTheNextStepAreMade() {
        try (ViewMaker maker = maker(2)) {
            StepInput first = maker.make(0, images(30), LabelSets.single(new int[30]), 30);
            float[] values = first.hostViews();
            maker.make(1, images(30), LabelSets.single(new int[30]), 30).hostViews();

            assertThat(values).isEqualTo(oneByOne(0, images(30)));
        }
    }

    @Test
    void viewsThatNobodyTookAreNotMixedIntoLaterOnes() {
        try (ViewMaker maker = maker(3)) {
            for (long attempt = 0; attempt < 30; attempt++) {
                maker.make(1000 + attempt, images(40), LabelSets.single(new int[40]), 40);
                maker.make(2000 + attempt, images(40), LabelSets.single(new int[40]), 40);
                assertThat(maker.make(attempt, images(40), LabelSets.single(new int[40]), 40)
                                .hostViews())
                        .isEqualTo(oneByOne(attempt, images(40)));
            }
        }
    }

    @Test
    void anImageOfAnotherSizeIsRefusedAndTheNextStepIsSound() {
        try (ViewMaker maker = maker(4)) {
            assertThatThrownBy(() -> maker.make(0, List.of(new byte[5], new byte[5]), LabelSets.single(new int[2]), 2))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            maker.make(1, images(5), LabelSets.single(new int[5]), 5);
            assertThat(maker.make(2, images(5), LabelSets.single(new int[5]), 5).hostViews())
                    .isEqualTo(oneByOne(2, images(5)));
        }
    }

    @Test
    void closingEndsTheThreads() throws InterruptedException {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        ViewMaker maker = maker(3);
        maker.make(0, images(10), LabelSets.single(new int[10]), 10);
        Set<Thread> started = new HashSet<>(Thread.getAllStackTraces().keySet());
        started.removeAll(before);
        // The JVM and the tests' runner start threads too, whenever they like.
        started.removeIf(thread -> !thread.getName().startsWith("contrastream-augment-"));
        assertThat(started)
                .extracting(Thread::getName)
                .containsExactlyInAnyOrder(
                        "contrastream-augment-1", "contrastream-augment-2", "contrastream-augment-3");
        assertThat(started).allMatch(Thread::isDaemon);

        maker.close();
        maker.close();

        for (Thread thread : started) {
            thread.join(10_000);
            assertThat(thread.isAlive()).isFalse();
        }
    }
}
