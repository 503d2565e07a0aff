package io.contrastream.operators;

import io.contrastream.learning.learner.EmbeddingShift;
import io.contrastream.learning.learner.Learner;
import io.contrastream.learning.learner.LearnerFigures;
import io.contrastream.learning.learner.MiniBatchResult;
import java.util.OptionalLong;
import java.util.function.Function;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.Meter;
import org.apache.flink.metrics.MeterView;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;

/**
 * Metrics of the learning operator: the names and what is behind them. One thread writes; Flink's reporters read from others, which
 * is why they see one immutable set of figures at a time.
 */
public final class LearnerMetrics {

    /** Optimiser steps since the model's start: the encoder version. */
    public static final String STEPS = "steps";
    /** Mean loss of the newest mini-batch that had a step taken; NaN before the first. */
    public static final String LOSS = "loss";
    /** Share of the newest images predicted rightly before their label was used, in [0, 1]. */
    public static final String WINDOW_ACCURACY = "windowAccuracy";
    /** The same over all images since the model's start. */
    public static final String PREQUENTIAL_ACCURACY = "prequentialAccuracy";
    /** Images with a label learned from since the model's start. */
    public static final String IMAGES_SEEN = "imagesSeen";
    /** Images without label learned from as views of themselves since the model's start. */
    public static final String IMAGES_UNLABELLED = "imagesUnlabelled";
    /** Number of the newest images that {@code windowAccuracy} is about. */
    public static final String WINDOW_SIZE = "windowSize";
    /** Images in replay memory. */
    public static final String REPLAY_SIZE = "replaySize";
    /** Images that fit into replay memory. */
    public static final String REPLAY_CAPACITY = "replayCapacity";
    /** Classes seen since the model's start. */
    public static final String CLASSES = "classes";
    /** Optimiser steps skipped since the model's start, because a loss, gradient, weight or embedding was not finite. */
    public static final String SKIPPED_STEPS = "skippedSteps";
    /** Images that a tombstone has taken out of memory or of the unfinished mini-batch since the model's start. */
    public static final String IMAGES_FORGOTTEN = "imagesForgotten";
    /** Images that have come again with another label while memory had them, and were moved to it there, since the model's start. */
    public static final String IMAGES_MOVED = "imagesMoved";
    /**
     * How far published embeddings have moved: mean cosine similarity of the embeddings of the same images of memory at its newest
     * re-encoding and at the one before, in [-1, 1]; NaN until there were two.
     */
    public static final String SHIFT_COSINE = "shiftCosine";
    /**
     * Of the same images, the mean share of each one's 10 nearest neighbours that were among its 10 nearest before, in [0, 1]; NaN until
     * there were two.
     */
    public static final String SHIFT_NEIGHBOUR_OVERLAP = "shiftNeighbourOverlap";
    /** Times that the share of wrong predictions was found to have risen, since the model's start. */
    public static final String ERROR_RISES = "errorRises";
    /** Times that the share of wrong predictions was found to have fallen, since the model's start. */
    public static final String ERROR_FALLS = "errorFalls";
    /** How far from earlier images the newest ones are embedded, in [0, 1]: energy distance, as a share; NaN until there were enough. */
    public static final String EMBEDDING_DISTANCE = "embeddingDistance";
    /** Times that this distance was found to be above its threshold, since the model's start. */
    public static final String EMBEDDING_CHANGES = "embeddingChanges";
    /** Images of the unfinished mini-batch. */
    public static final String UNFINISHED_IMAGES = "unfinishedImages";
    /** Wall-clock time of a mini-batch in milliseconds, all its steps and embeddings included: histogram of the newest. */
    public static final String MINI_BATCH_MILLIS = "miniBatchMillis";
    /** New images learned from per second, over the last minute. */
    public static final String IMAGES_PER_SECOND = "imagesPerSecond";
    /** The most memory of its GPU that the engine has taken so far, in bytes; NaN on a CPU. */
    public static final String PEAK_DEVICE_BYTES = "peakDeviceBytes";

    private static final int HISTOGRAM_WINDOW = 500;
    private static final int RATE_SECONDS = 60;
    private static final double NANOS_A_MILLISECOND = 1e6;

    private final Histogram miniBatchMillis;
    private final Meter imagesPerSecond;
    private volatile int unfinishedImages;
    private volatile long unlabelledImages;
    private volatile TakenBack takenBack = TakenBack.NONE;
    private volatile Figures figures = new Figures(0, Float.NaN, 0, 0, 0, 0, 0, 0, 0, 0, 0, Double.NaN, 0);
    private volatile EmbeddingShift shift = new EmbeddingShift(Double.NaN, Double.NaN);
    private volatile double peakDeviceBytes = Double.NaN;

    /**
     * Registers all of them.
     *
     * @param replayCapacity images that fit into replay memory
     */
    public LearnerMetrics(MetricGroup group, int replayCapacity) {
        gauge(group, STEPS, Figures::steps);
        gauge(group, LOSS, Figures::loss);
        gauge(group, WINDOW_ACCURACY, Figures::windowAccuracy);
        gauge(group, PREQUENTIAL_ACCURACY, Figures::prequentialAccuracy);
        gauge(group, IMAGES_SEEN, Figures::imagesSeen);
        group.<Long, Gauge<Long>>gauge(IMAGES_UNLABELLED, () -> unlabelledImages);
        gauge(group, WINDOW_SIZE, Figures::windowSize);
        gauge(group, REPLAY_SIZE, Figures::replaySize);
        group.<Integer, Gauge<Integer>>gauge(REPLAY_CAPACITY, () -> replayCapacity);
        gauge(group, CLASSES, Figures::classes);
        gauge(group, SKIPPED_STEPS, Figures::skippedSteps);
        gauge(group, ERROR_RISES, Figures::errorRises);
        gauge(group, ERROR_FALLS, Figures::errorFalls);
        gauge(group, EMBEDDING_DISTANCE, Figures::embeddingDistance);
        gauge(group, EMBEDDING_CHANGES, Figures::embeddingChanges);
        group.<Integer, Gauge<Integer>>gauge(UNFINISHED_IMAGES, () -> unfinishedImages);
        group.<Double, Gauge<Double>>gauge(SHIFT_COSINE, () -> shift.cosine());
        group.<Double, Gauge<Double>>gauge(SHIFT_NEIGHBOUR_OVERLAP, () -> shift.neighbourOverlap());
        group.<Double, Gauge<Double>>gauge(PEAK_DEVICE_BYTES, () -> peakDeviceBytes);
        group.<Long, Gauge<Long>>gauge(IMAGES_FORGOTTEN, () -> takenBack.forgotten());
        group.<Long, Gauge<Long>>gauge(IMAGES_MOVED, () -> takenBack.moved());
        miniBatchMillis = group.histogram(MINI_BATCH_MILLIS, new DescriptiveStatisticsHistogram(HISTOGRAM_WINDOW));
        imagesPerSecond = group.meter(IMAGES_PER_SECOND, new MeterView(RATE_SECONDS));
    }

    /** How far the learner has come, as after a restore. */
    public void progress(long steps, Learner learner) {
        update(steps, figures.loss(), learner);
    }

    /** A mini-batch was learned in the given time. */
    public void learned(MiniBatchResult result, Learner learner, long nanos) {
        miniBatchMillis.update(Math.round(nanos / NANOS_A_MILLISECOND));
        imagesPerSecond.markEvent(result.learned().size());
        update(result.encoderVersion(), Float.isNaN(result.loss()) ? figures.loss() : result.loss(), learner);
    }

    /** Sets the number of images of the unfinished mini-batch. */
    public void unfinished(int images) {
        unfinishedImages = images;
    }

    /** Sets the number of images without label that have been learned from. */
    public void unlabelled(long images) {
        unlabelledImages = images;
    }

    /** Sets the number of images that have been taken back. */
    public void takenBack(TakenBack images) {
        takenBack = images;
    }

    /** Published embeddings have moved so far. */
    public void shifted(EmbeddingShift newest) {
        shift = newest;
    }

    /** Sets the most memory of a GPU that has been taken; empty on a CPU. */
    public void peakDevice(OptionalLong bytes) {
        peakDeviceBytes = bytes.isPresent() ? bytes.getAsLong() : Double.NaN;
    }

    private void update(long steps, float loss, Learner learner) {
        LearnerFigures newest = learner.figures();
        figures = new Figures(
                steps,
                loss,
                newest.windowAccuracy(),
                newest.prequentialAccuracy(),
                newest.imagesSeen(),
                newest.windowSize(),
                newest.replaySize(),
                newest.classes(),
                newest.skippedSteps(),
                newest.errorRises(),
                newest.errorFalls(),
                newest.embeddingDistance(),
                newest.embeddingChanges());
    }

    private <T> void gauge(MetricGroup group, String name, Function<Figures, T> figure) {
        group.<T, Gauge<T>>gauge(name, () -> figure.apply(figures));
    }

    private record Figures(
            long steps,
            float loss,
            double windowAccuracy,
            double prequentialAccuracy,
            long imagesSeen,
            int windowSize,
            int replaySize,
            int classes,
            long skippedSteps,
            long errorRises,
            long errorFalls,
            double embeddingDistance,
            long embeddingChanges) {}
}
