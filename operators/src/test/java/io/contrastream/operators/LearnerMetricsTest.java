package io.contrastream.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.ReferenceEncoder;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.learner.EmbeddingShift;
import io.contrastream.learning.learner.GeneratedExamples;
import io.contrastream.learning.learner.Learner;
import io.contrastream.learning.learner.LearnerOptions;
import io.contrastream.learning.learner.LearnerOptions.Reservoir;
import io.contrastream.learning.learner.MiniBatchResult;
import io.contrastream.learning.learner.ReplayOptions;
import io.contrastream.learning.learner.ReviewOptions;
import io.contrastream.learning.learner.StepOptions;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.Meter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LearnerMetricsTest {

    private static final EncoderSpec SPEC = new EncoderSpec(
            Architecture.RESNET18_SLIM, Stem.CIFAR, 2, new ImageShape(3, 8, 8), 8, Normalization.CIFAR100);

    private final RecordedMetrics recorded = new RecordedMetrics();
    private final LearnerMetrics metrics = new LearnerMetrics(recorded, 8);
    private final Learner learner = new Learner(
            new LearnerOptions(
                            5,
                            10,
                            new ReplayOptions(8, 6, Reservoir.CLASS_BALANCED),
                            new StepOptions(2, 2, 2),
                            new ReviewOptions(100, false, 0))
                    .withAccuracyWindow(5),
            new ReferenceEncoder(SPEC, new TrainingOptions(OptimizerOptions.sgd(0.05, 0, 0), 0.1), 1));

    @AfterEach
    void close() {
        learner.close();
    }

    private MiniBatchResult learn() {
        GeneratedExamples examples = new GeneratedExamples(SPEC.input(), 1);
        return learner.learn(
                IntStream.range(0, 10).mapToObj(i -> examples.inTurn(i, 4)).toList());
    }

    @Test
    void tellsNothingBeforeThereIsSomething() {
        assertThat(recorded.value(LearnerMetrics.LOSS)).isEqualTo(Float.NaN);
        assertThat(recorded.value(LearnerMetrics.STEPS)).isEqualTo(0L);
        assertThat(recorded.value(LearnerMetrics.SHIFT_COSINE)).isEqualTo(Double.NaN);
        assertThat(recorded.value(LearnerMetrics.PEAK_DEVICE_BYTES)).isEqualTo(Double.NaN);
    }

    @Test
    void tellsHowTheLearnerDoesAfterAMiniBatch() {
        MiniBatchResult result = learn();

        metrics.learned(result, learner, 12_600_000);
        metrics.unfinished(3);
        metrics.unlabelled(7);

        assertThat(recorded.value(LearnerMetrics.STEPS)).isEqualTo(2L);
        assertThat(recorded.value(LearnerMetrics.LOSS)).isEqualTo(result.loss());
        assertThat(recorded.value(LearnerMetrics.IMAGES_SEEN)).isEqualTo(10L);
        assertThat(recorded.value(LearnerMetrics.IMAGES_UNLABELLED)).isEqualTo(7L);
        assertThat(recorded.value(LearnerMetrics.REPLAY_SIZE)).isEqualTo(8);
        assertThat(recorded.value(LearnerMetrics.REPLAY_CAPACITY)).isEqualTo(8);
        assertThat(recorded.value(LearnerMetrics.WINDOW_SIZE))
                .isEqualTo(learner.figures().windowSize());
        assertThat(recorded.value(LearnerMetrics.CLASSES)).isEqualTo(4);
        assertThat(recorded.value(LearnerMetrics.SKIPPED_STEPS)).isEqualTo(0L);
        assertThat(recorded.value(LearnerMetrics.ERROR_RISES)).isEqualTo(0L);
        assertThat(recorded.value(LearnerMetrics.ERROR_FALLS)).isEqualTo(0L);
        assertThat(recorded.value(LearnerMetrics.EMBEDDING_DISTANCE)).isEqualTo(Double.NaN);
        assertThat(recorded.value(LearnerMetrics.EMBEDDING_CHANGES)).isEqualTo(0L);
        assertThat(recorded.value(LearnerMetrics.UNFINISHED_IMAGES)).isEqualTo(3);
        assertThat(recorded.value(LearnerMetrics.WINDOW_ACCURACY))
                .isEqualTo(learner.progress().windowAccuracy());
        assertThat(recorded.value(LearnerMetrics.PREQUENTIAL_ACCURACY))
                .isEqualTo(learner.progress().prequentialAccuracy());
        Histogram millis = (Histogram) recorded.metrics().get(LearnerMetrics.MINI_BATCH_MILLIS);
        assertThat(millis.getStatistics().getMax()).isEqualTo(13);
        assertThat(((Meter) recorded.metrics().get(LearnerMetrics.IMAGES_PER_SECOND)).getCount())
                .isEqualTo(10);
    }

    @Test
    void keepsTheLossOfTheNewestStepThatWasTaken() {
        MiniBatchResult result = learn();
        metrics.learned(result, learner, 0);

        metrics.learned(
                new MiniBatchResult(2, Float.NaN, 0, 2, List.of(), 0, List.of(), List.of(), List.of(), List.of()),
                learner,
                0);

        assertThat(recorded.value(LearnerMetrics.LOSS)).isEqualTo(result.loss());
    }

    @Test
    void tellsWhatHasBeenTakenBack() {
        assertThat(recorded.value(LearnerMetrics.IMAGES_FORGOTTEN)).isEqualTo(0L);

        metrics.takenBack(TakenBack.NONE.plus(3, 1).plus(0, 1));

        assertThat(recorded.value(LearnerMetrics.IMAGES_FORGOTTEN)).isEqualTo(3L);
        assertThat(recorded.value(LearnerMetrics.IMAGES_MOVED)).isEqualTo(2L);
    }

    @Test
    void tellsHowFarEmbeddingsHaveMovedAndWhatTheDeviceGave() {
        metrics.shifted(new EmbeddingShift(0.9, 0.75));
        metrics.peakDevice(OptionalLong.of(1 << 20));

        assertThat(recorded.value(LearnerMetrics.SHIFT_COSINE)).isEqualTo(0.9);
        assertThat(recorded.value(LearnerMetrics.SHIFT_NEIGHBOUR_OVERLAP)).isEqualTo(0.75);
        assertThat(recorded.value(LearnerMetrics.PEAK_DEVICE_BYTES)).isEqualTo((double) (1 << 20));
    }

    @Test
    void tellsHowFarARestoredLearnerIs() {
        learn();

        metrics.progress(2, learner);

        assertThat(recorded.value(LearnerMetrics.STEPS)).isEqualTo(2L);
        assertThat(recorded.value(LearnerMetrics.IMAGES_SEEN)).isEqualTo(10L);
        assertThat(recorded.value(LearnerMetrics.LOSS)).isEqualTo(Float.NaN);
    }
}
