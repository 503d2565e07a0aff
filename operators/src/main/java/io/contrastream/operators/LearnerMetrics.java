package io.contrastream.operators;

import io.contrastream.learning.learner.Learner;
import io.contrastream.learning.learner.LearnerFigures;
import io.contrastream.learning.learner.MiniBatchResult;
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
    /** Images learned from since the model's start. */
    public static final String IMAGES_SEEN = "imagesSeen";
    /** Images in replay memory. */
    public static final String REPLAY_SIZE = "replaySize";
    /** Classes seen since the model's start. */
    public static final String CLASSES = "classes";
    /** Optimiser steps skipped since the model's start, because a loss, gradient, weight or embedding was not finite. */
    public static final String SKIPPED_STEPS = "skippedSteps";
    /** Images that a tombstone has taken out of memory or of the unfinished mini-batch since the model's start. */
    public static final String IMAGES_FORGOTTEN = "imagesForgotten";
    /** Images that have come again with another label while memory had them, and were moved to it there, since the model's start. */
    public static final String IMAGES_MOVED = "imagesMoved";
    /** Images of the unfinished mini-batch. */
    public static final String UNFINISHED_IMAGES = "unfinishedImages";
    /** Wall-clock time of a mini-batch in milliseconds, all its steps and embeddings included: histogram of the newest. */
    public static final String MINI_BATCH_MILLIS = "miniBatchMillis";
    /** New images learned from per second, over the last minute. */
    public static final String IMAGES_PER_SECOND = "imagesPerSecond";

    private static final int HISTOGRAM_WINDOW = 500;
    private static final int RATE_SECONDS = 60;
    private static final double NANOS_A_MILLISECOND = 1e6;

    private final Histogram miniBatchMillis;
    private final Meter imagesPerSecond;
    private volatile int unfinishedImages;
    private volatile TakenBack takenBack = TakenBack.NONE;
    private volatile Figures figures = new Figures(0, Float.NaN, 0, 0, 0, 0, 0, 0);

    /** Registers all of them. */
    public LearnerMetrics(MetricGroup group) {
        gauge(group, STEPS, Figures::steps);
        gauge(group, LOSS, Figures::loss);
        gauge(group, WINDOW_ACCURACY, Figures::windowAccuracy);
        gauge(group, PREQUENTIAL_ACCURACY, Figures::prequentialAccuracy);
        gauge(group, IMAGES_SEEN, Figures::imagesSeen);
        gauge(group, REPLAY_SIZE, Figures::replaySize);
        gauge(group, CLASSES, Figures::classes);
        gauge(group, SKIPPED_STEPS, Figures::skippedSteps);
        group.<Integer, Gauge<Integer>>gauge(UNFINISHED_IMAGES, () -> unfinishedImages);
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

    /** The unfinished mini-batch has so many images. */
    public void unfinished(int images) {
        unfinishedImages = images;
    }

    /** So many images have been taken back. */
    public void takenBack(TakenBack images) {
        takenBack = images;
    }

    private void update(long steps, float loss, Learner learner) {
        LearnerFigures newest = learner.figures();
        figures = new Figures(
                steps,
                loss,
                newest.windowAccuracy(),
                newest.prequentialAccuracy(),
                newest.imagesSeen(),
                newest.replaySize(),
                newest.classes(),
                newest.skippedSteps());
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
            int replaySize,
            int classes,
            long skippedSteps) {}
}
