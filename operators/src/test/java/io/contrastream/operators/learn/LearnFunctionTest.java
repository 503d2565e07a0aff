package io.contrastream.operators.learn;

import static io.contrastream.operators.learn.LearnRun.EXAMPLES;
import static io.contrastream.operators.learn.LearnRun.FLUSH;
import static io.contrastream.operators.learn.LearnRun.LEARNER;
import static io.contrastream.operators.learn.LearnRun.OPTIONS;
import static io.contrastream.operators.learn.LearnRun.REPORT;
import static io.contrastream.operators.learn.LearnRun.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderMemoryException;
import io.contrastream.learning.encoder.ReferenceEncoder;
import io.contrastream.learning.learner.DivergedException;
import io.contrastream.learning.learner.EmbeddingShift;
import io.contrastream.learning.learner.Learner;
import io.contrastream.learning.learner.LearnerOptions;
import io.contrastream.learning.learner.LearnerOptions.Reservoir;
import io.contrastream.learning.learner.MiniBatchResult;
import io.contrastream.learning.learner.ReplayOptions;
import io.contrastream.learning.learner.ReviewOptions;
import io.contrastream.learning.learner.StepOptions;
import io.contrastream.operators.learn.option.LearnOptions;
import io.contrastream.operators.replica.ReplicaOptions;
import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.schemas.LearningReport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LearnFunctionTest {

    private LearnRun run;

    /** Results of a learner by itself on the first 14 images, in mini-batches of 4, 4, 4 and 2. */
    private record Twin(List<MiniBatchResult> results) {

        List<MiniBatchResult.Learned> learned(int miniBatch) {
            return results.get(miniBatch).learned();
        }
    }

    private static Twin twin() {
        List<MiniBatchResult> results = new ArrayList<>();
        try (Encoder encoder = new ReferenceEncoder(OPTIONS.encoder(), OPTIONS.training(), LEARNER.seed());
                Learner learner = new Learner(LEARNER, encoder)) {
            for (int first = 0; first < 14; first += LearnRun.BATCH) {
                results.add(learner.learn(IntStream.range(first, Math.min(14, first + LearnRun.BATCH))
                        .mapToObj(position -> EXAMPLES.inTurn(position, 3))
                        .toList()));
            }
        }
        return new Twin(results);
    }

    /** By the images that are in both. */
    private static EmbeddingShift shift(List<MiniBatchResult.Embedded> before, List<MiniBatchResult.Embedded> after) {
        List<Float> earlier = new ArrayList<>();
        List<Float> later = new ArrayList<>();
        for (MiniBatchResult.Embedded image : after) {
            before.stream()
                    .filter(other -> other.example().id().equals(image.example().id()))
                    .forEach(other -> {
                        for (int d = 0; d < image.embedding().length; d++) {
                            earlier.add(other.embedding()[d]);
                            later.add(image.embedding()[d]);
                        }
                    });
        }
        return EmbeddingShift.between(
                array(earlier), array(later), OPTIONS.encoder().embeddingSize());
    }

    private static float[] array(List<Float> values) {
        float[] array = new float[values.size()];
        IntStream.range(0, array.length).forEach(i -> array[i] = values.get(i));
        return array;
    }

    @AfterEach
    void close() throws Exception {
        if (run != null) {
            run.close();
        }
    }

    @Test
    void learnsWhenAMiniBatchIsFull() throws Exception {
        run = LearnRun.start(OPTIONS);

        run.send(0, 3);
        assertThat(run.embeddings()).isEmpty();

        run.send(3, 4);
        assertThat(run.embeddings()).extracting(Embedding::getId).containsExactly("0/0", "1/0", "2/0", "0/1");
        assertThat(run.prototypes())
                .extracting(ClassPrototype::getLabel)
                .containsExactly("class-0", "class-1", "class-2");
        assertThat(run.engine().state().step()).isEqualTo(1);
    }

    @Test
    void publishesAnEmbeddingWithThePredictionThatWasMadeBeforeItsLabelWasUsed() throws Exception {
        run = LearnRun.start(OPTIONS).setTime(START + 10);

        run.send(0, 4).setTime(START + 20).send(4, 8);

        Embedding first = run.embeddings().get(0);
        assertThat(first.getLabel()).isEqualTo("class-0");
        assertThat(first.getNearestLabel()).as("no prototype yet").isNull();
        assertThat(first.getNearestSimilarity()).isNull();
        assertThat(first.getEncoderVersion()).isEqualTo(1);
        assertThat(first.getOrigin()).isEqualTo(EmbeddingOrigin.LEARNED);
        assertThat(first.getEventTime())
                .isEqualTo(Instant.ofEpochMilli(EXAMPLES.inTurn(0, 3).eventTimeMillis()));
        assertThat(first.getEmbeddedAt()).isEqualTo(Instant.ofEpochMilli(START + 10));
        assertThat(length(first.getVector())).isCloseTo(1, within(1e-5));
        Embedding later = run.embeddings().get(4);
        assertThat(later.getId()).isEqualTo("1/1");
        MiniBatchResult.Learned predicted = twin().learned(1).get(0);
        assertThat(later.getNearestLabel()).isEqualTo(predicted.predictedLabel());
        assertThat(later.getNearestSimilarity()).isEqualTo(predicted.similarity());
        assertThat(later.getEncoderVersion()).isEqualTo(2);
        assertThat(later.getEmbeddedAt()).isEqualTo(Instant.ofEpochMilli(START + 20));
    }

    @Test
    void publishesTheEmbeddingsOfMemoryWhenTheyHaveMoved() throws Exception {
        run = LearnRun.start(OPTIONS);

        run.send(0, 8);

        List<Embedding> refreshed = run.embeddings().stream()
                .filter(embedding -> embedding.getOrigin() == EmbeddingOrigin.REFRESHED)
                .toList();
        assertThat(refreshed).extracting(Embedding::getId).containsExactlyInAnyOrder("0/0", "1/0", "2/0", "0/1");
        assertThat(refreshed).allSatisfy(embedding -> {
            assertThat(embedding.getEncoderVersion()).isEqualTo(2);
        });
        for (MiniBatchResult.Embedded expected : twin().results().get(1).refreshed()) {
            assertThat(refreshed)
                    .filteredOn(Embedding::getId, expected.example().id())
                    .singleElement()
                    .satisfies(embedding -> {
                        assertThat(embedding.getNearestLabel()).isEqualTo(expected.nearestLabel());
                        assertThat(embedding.getNearestSimilarity()).isEqualTo(expected.similarity());
                    });
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, 0, 0.5f, 2})
    void publishesNoVectorThatIsNotFiniteAndOfLengthOne(float length) throws Exception {
        run = LearnRun.start(OPTIONS).send(0, 4);
        int before = run.embeddings().size();
        int prototypesBefore = run.prototypes().size();
        run.engine().embedLastWithLength(length);

        run.send(4, 8);

        assertThat(run.embeddings().subList(before, run.embeddings().size()))
                .filteredOn(embedding -> embedding.getOrigin() == EmbeddingOrigin.LEARNED)
                .extracting(Embedding::getId)
                .as("three of four images, without the last")
                .containsExactly("1/1", "2/1", "0/2");
        assertThat(run.embeddings())
                .allSatisfy(
                        embedding -> assertThat(length(embedding.getVector())).isCloseTo(1, within(1e-5)));
        assertThat(run.prototypes()).hasSizeGreaterThan(prototypesBefore);
        assertThat(run.prototypes())
                .allSatisfy(
                        prototype -> assertThat(length(prototype.getVector())).isCloseTo(1, within(1e-5)));
    }

    @Test
    void publishesPrototypesOfUnitLength() throws Exception {
        run = LearnRun.start(OPTIONS);

        run.send(0, 4);

        ClassPrototype prototype = run.prototypes().get(0);
        assertThat(prototype.getLabel()).isEqualTo("class-0");
        assertThat(prototype.getSupport()).isEqualTo(2);
        assertThat(prototype.getDispersion())
                .isEqualTo(twin().results().get(0).prototypes().get(0).dispersion());
        assertThat(prototype.getEncoderVersion()).isEqualTo(1);
        assertThat(prototype.getUpdatedAt()).isEqualTo(Instant.ofEpochMilli(START));
        assertThat(length(prototype.getVector())).isCloseTo(1, within(1e-5));
    }

    @Test
    void tellsThatAClassHasLostItsPrototype() throws Exception {
        run = LearnRun.start(LearnRun.options(
                "model",
                new LearnerOptions(
                                5,
                                1,
                                new ReplayOptions(1, 1, Reservoir.UNIFORM),
                                new StepOptions(1, 1, 2),
                                new ReviewOptions(100, false, 0))
                        .with(LEARNER.augment())
                        .withAugmentThreads(1)));

        for (int number = 0; number < 20; number++) {
            run.send(EXAMPLES.example(number, 0));
        }

        List<ClassPrototype> lost = run.prototypes().stream()
                .filter(prototype -> prototype.getSupport() == 0)
                .toList();
        assertThat(lost)
                .isNotEmpty()
                .allSatisfy(prototype -> assertThat(prototype.getVector()).isEmpty());
        assertThat(lost.get(0).getLabel()).isEqualTo("class-0");
        assertThat(run.prototypes().get(1)).as("told at once").isEqualTo(lost.get(0));
    }

    @Test
    void learnsAnUnfinishedMiniBatchWhenItsFirstImageHasWaitedForTheFlushInterval() throws Exception {
        run = LearnRun.start(OPTIONS);
        run.send(0, 1).setTime(START + FLUSH.toMillis() - 1).send(1, 2);
        assertThat(run.embeddings()).isEmpty();

        run.setTime(START + FLUSH.toMillis());

        assertThat(run.embeddings()).extracting(Embedding::getId).containsExactly("0/0", "1/0");
    }

    @Test
    void countsTheFlushIntervalOfEachMiniBatchFromItsOwnFirstImage() throws Exception {
        run = LearnRun.start(OPTIONS);
        run.send(0, 4).setTime(START + 1000).send(4, 5);
        int learned = run.embeddings().size();

        run.setTime(START + FLUSH.toMillis() + 999);
        assertThat(run.embeddings()).hasSize(learned);

        run.setTime(START + FLUSH.toMillis() + 1000);
        assertThat(run.embeddings()).hasSizeGreaterThan(learned);
    }

    @Test
    void leavesNoTimersOfFullMiniBatchesBehind() throws Exception {
        run = LearnRun.start(OPTIONS);

        for (int i = 0; i < 10; i++) {
            run.setTime(START + i).send(4 * i, 4 * i + 4);
        }

        assertThat(run.timers()).as("the next report").isEqualTo(1);
    }

    @Test
    void keepsTheReportThatIsDueWhenAFlushWouldHaveBeen() throws Exception {
        run = LearnRun.start(OPTIONS);
        run.send(0, 4).setTime(START + REPORT.toMillis() - FLUSH.toMillis()).send(4, 8);

        run.setTime(START + REPORT.toMillis());

        assertThat(run.reports()).hasSize(1);
    }

    @Test
    void learnsTheUnfinishedMiniBatchAndReportsAtTheEndOfInput() throws Exception {
        run = LearnRun.start(OPTIONS);
        run.send(0, 6);

        run.endInput();

        assertThat(run.embeddings())
                .filteredOn(embedding -> embedding.getOrigin() == EmbeddingOrigin.LEARNED)
                .hasSize(6);
        assertThat(run.reports()).singleElement().satisfies(report -> {
            assertThat(report.getImagesSeen()).isEqualTo(6);
            assertThat(report.getEncoderVersion()).isEqualTo(2);
        });
    }

    @Test
    void endsAnEmptyInputInSilence() throws Exception {
        run = LearnRun.start(OPTIONS);

        run.endInput();

        assertThat(run.embeddings()).isEmpty();
        assertThat(run.reports()).isEmpty();
    }

    @Test
    void reportsEveryIntervalHowTheLearningWent() throws Exception {
        run = LearnRun.start(OPTIONS);
        run.send(0, 14);

        run.setTime(START + FLUSH.toMillis()).setTime(START + REPORT.toMillis());

        assertThat(run.reports()).hasSize(1);
        LearningReport report = run.reports().get(0);
        assertThat(report.getModel()).isEqualTo("model");
        assertThat(report.getEncoderVersion()).isEqualTo(4);
        Twin twin = twin();
        List<MiniBatchResult> learned = twin.results().subList(0, 4); // 4, 4, 4 and 2 images
        assertThat((double) report.getLoss())
                .isCloseTo(
                        learned.stream()
                                .mapToDouble(MiniBatchResult::loss)
                                .average()
                                .orElseThrow(),
                        within(1e-6));
        assertThat(report.getImagesSeen()).isEqualTo(14);
        List<MiniBatchResult.Learned> images =
                learned.stream().flatMap(result -> result.learned().stream()).toList();
        double right = images.stream()
                        .filter(image -> image.example().label().equals(image.predictedLabel()))
                        .count()
                / 14.0;
        assertThat(report.getPrequentialAccuracy())
                .isCloseTo(right, within(1e-9))
                .isPositive();
        assertThat(report.getWindowAccuracy()).isCloseTo(right, within(1e-9));
        assertThat(report.getWindowSize()).isEqualTo(14);
        assertThat(report.getReplaySize()).isEqualTo(12);
        assertThat(report.getReplayCapacity()).isEqualTo(12);
        assertThat(report.getClasses()).isEqualTo(3);
        assertThat(report.getImagesPerSecond()).isCloseTo(2, within(1e-9));
        assertThat(report.getSkippedSteps()).isZero();
        EmbeddingShift shift = shift(learned.get(2).refreshed(), learned.get(3).refreshed());
        assertThat(report.getShiftCosine())
                .isCloseTo(shift.cosine(), within(1e-9))
                .isLessThan(1);
        assertThat(report.getShiftNeighbourOverlap()).isCloseTo(shift.neighbourOverlap(), within(1e-9));
        assertThat(report.getReportedAt()).isEqualTo(Instant.ofEpochMilli(START + REPORT.toMillis()));
    }

    @Test
    void reportsAlsoWhenNothingCame() throws Exception {
        run = LearnRun.start(OPTIONS);
        run.send(0, 4).setTime(START + REPORT.toMillis());

        run.setTime(START + 2 * REPORT.toMillis());

        assertThat(run.reports()).hasSize(2);
        LearningReport idle = run.reports().get(1);
        assertThat(idle.getLoss()).isNull();
        assertThat(idle.getImagesPerSecond()).isZero();
        assertThat(idle.getImagesSeen()).isEqualTo(4);
        assertThat(idle.getShiftCosine()).as("after one encoding of memory").isNull();
    }

    @Test
    void reportsSkippedStepsAndFailsWhenTooManyComeInARow() throws Exception {
        run = LearnRun.start(OPTIONS);
        run.send(0, 4);
        run.engine().diverge();
        run.send(4, 12).setTime(START + REPORT.toMillis());

        assertThat(run.reports()).singleElement().satisfies(report -> {
            assertThat(report.getSkippedSteps()).isEqualTo(2);
            assertThat(report.getEncoderVersion()).isEqualTo(1);
            assertThat(report.getLoss()).isPositive();
        });
        assertThatThrownBy(() -> run.send(12, 16))
                .isInstanceOf(SuppressRestartsException.class)
                .hasCauseInstanceOf(DivergedException.class);
    }

    @Test
    void namesTheOptionsToChangeWhenMemoryIsRefusedAndLetsTheJobRestart() throws Exception {
        run = LearnRun.start(OPTIONS);
        run.engine().exhaust();

        assertThatThrownBy(() -> run.send(0, 4))
                .isInstanceOf(EncoderMemoryException.class)
                .hasMessageContainingAll(
                        "not enough memory for training",
                        "2 bytes are above 1",
                        "encoder.memory-limit",
                        "learner.batch-size",
                        "learner.recall-size");
    }

    @Test
    void failsForGoodWithAnotherEngineThanTheOneAskedFor() throws Exception {
        DeviceOptions device = new DeviceOptions("torch", "cpu", DeviceOptions.Precision.FLOAT32, 1, 0);
        run = LearnRun.create(
                new LearnOptions(
                        OPTIONS.model(),
                        OPTIONS.encoder(),
                        OPTIONS.initial(),
                        OPTIONS.training(),
                        device,
                        OPTIONS.learner(),
                        OPTIONS.flushInterval(),
                        OPTIONS.reportInterval(),
                        ReplicaOptions.ONE),
                1);

        assertThatThrownBy(run::open)
                .isInstanceOf(SuppressRestartsException.class)
                .rootCause()
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("torch")
                .hasMessageContaining("tracked")
                .hasMessageContaining("CONTRASTREAM_ENGINE=torch");
    }

    @Test
    void refusesAnotherParallelismThanOne() throws Exception {
        run = LearnRun.create(OPTIONS, 2);

        assertThatThrownBy(run::open)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the learning operator must have parallelism 1, but has 2");
    }

    @Test
    void closesItsEncoderOnce() throws Exception {
        LearnFunction function = new LearnFunction(OPTIONS);
        function.close();

        run = LearnRun.start(OPTIONS);
        run.send(0, 5);
        run.close();
        run.close();

        assertThat(run.engine().closed()).isEqualTo(1);
    }

    private static double length(List<Float> vector) {
        return Math.sqrt(
                vector.stream().mapToDouble(component -> component * component).sum());
    }
}
