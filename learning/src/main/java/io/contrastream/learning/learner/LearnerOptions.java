package io.contrastream.learning.learner;

import io.contrastream.learning.augment.AugmentOptions;
import io.contrastream.learning.drift.DriftOptions;
import java.io.Serializable;
import java.util.Locale;

/**
 * The options of the mini-batch algorithm.
 *
 * @param seed of everything random
 * @param batchSize new images in a full mini-batch, at least 1
 * @param recallSize images recalled from replay memory a mini-batch, at least 0
 * @param replayCapacity images in replay memory, at least {@code recallSize} and at least 1
 * @param reservoir how memory chooses what it keeps
 * @param stepsPerBatch optimiser steps a mini-batch, each with its own recall and views, at least 1
 * @param earlyStepsPerBatch those while memory covers all images of the stream, at least {@code stepsPerBatch}: see {@link #stepsAfter}
 * @param refreshSteps optimiser steps between re-encodings of memory and new prototypes, at least 1
 * @param loss what stands beside the contrastive loss
 * @param reviewImages images between reviews of memory: see {@link Training#review}; 0 for never
 * @param maxSkippedInRow optimiser steps skipped one after another that are borne before the learner fails, at least 0
 * @param accuracyWindow newest images over which the window accuracy is taken, at least 1
 * @param augment how views are made
 * @param augmentThreads threads that make views for an engine that takes them from the host, at least 1; or 0 for as many as there are cores, but at most 4. The result does
 *     not depend on it
 * @param heldOut images that are remembered and embedded, but never trained on
 * @param recalibrated whether a refresh takes the running statistics that images are embedded with from memory first
 * @param drift what is watched for drift
 */
public record LearnerOptions(
        long seed,
        int batchSize,
        int recallSize,
        int replayCapacity,
        Reservoir reservoir,
        int stepsPerBatch,
        int earlyStepsPerBatch,
        int refreshSteps,
        LossOptions loss,
        int reviewImages,
        int maxSkippedInRow,
        int accuracyWindow,
        AugmentOptions augment,
        int augmentThreads,
        HeldOut heldOut,
        boolean recalibrated,
        DriftOptions drift)
        implements Serializable {

    /** With drift watched as by default. */
    public LearnerOptions(
            long seed,
            int batchSize,
            int recallSize,
            int replayCapacity,
            Reservoir reservoir,
            int stepsPerBatch,
            int earlyStepsPerBatch,
            int refreshSteps,
            LossOptions loss,
            int reviewImages,
            int maxSkippedInRow,
            int accuracyWindow,
            AugmentOptions augment,
            int augmentThreads,
            HeldOut heldOut,
            boolean recalibrated) {
        this(
                seed,
                batchSize,
                recallSize,
                replayCapacity,
                reservoir,
                stepsPerBatch,
                earlyStepsPerBatch,
                refreshSteps,
                loss,
                reviewImages,
                maxSkippedInRow,
                accuracyWindow,
                augment,
                augmentThreads,
                heldOut,
                recalibrated,
                DriftOptions.DEFAULT);
    }

    /** With the running statistics of the steps. */
    public LearnerOptions(
            long seed,
            int batchSize,
            int recallSize,
            int replayCapacity,
            Reservoir reservoir,
            int stepsPerBatch,
            int earlyStepsPerBatch,
            int refreshSteps,
            LossOptions loss,
            int reviewImages,
            int maxSkippedInRow,
            int accuracyWindow,
            AugmentOptions augment,
            int augmentThreads,
            HeldOut heldOut) {
        this(
                seed,
                batchSize,
                recallSize,
                replayCapacity,
                reservoir,
                stepsPerBatch,
                earlyStepsPerBatch,
                refreshSteps,
                loss,
                reviewImages,
                maxSkippedInRow,
                accuracyWindow,
                augment,
                augmentThreads,
                heldOut,
                false);
    }

    /** @throws IllegalArgumentException naming the value and its range if one is out of it */
    public LearnerOptions {
        atLeast(1, batchSize, "batch size");
        atLeast(0, recallSize, "recall size");
        atLeast(1, replayCapacity, "replay capacity");
        if (replayCapacity < recallSize) {
            throw new IllegalArgumentException(
                    "replay capacity must be at least the recall size, " + recallSize + ", but is " + replayCapacity);
        }
        atLeast(1, stepsPerBatch, "steps per batch");
        if (earlyStepsPerBatch < stepsPerBatch) {
            throw new IllegalArgumentException("early steps per batch must be at least the steps per batch, "
                    + stepsPerBatch + ", but are " + earlyStepsPerBatch);
        }
        atLeast(1, refreshSteps, "refresh steps");
        atLeast(0, reviewImages, "review images");
        atLeast(0, maxSkippedInRow, "skipped steps in a row");
        atLeast(1, accuracyWindow, "accuracy window");
        atLeast(0, augmentThreads, "augment threads");
    }

    /** With no image held out, as many steps for every mini-batch, and at most a classifier beside the contrastive loss. */
    public LearnerOptions(
            long seed,
            int batchSize,
            int recallSize,
            int replayCapacity,
            Reservoir reservoir,
            int stepsPerBatch,
            int refreshSteps,
            double classifierWeight,
            int reviewImages,
            int maxSkippedInRow,
            int accuracyWindow,
            AugmentOptions augment,
            int augmentThreads) {
        this(
                seed,
                batchSize,
                recallSize,
                replayCapacity,
                reservoir,
                stepsPerBatch,
                stepsPerBatch,
                refreshSteps,
                LossOptions.classified(classifierWeight),
                reviewImages,
                maxSkippedInRow,
                accuracyWindow,
                augment,
                augmentThreads,
                HeldOut.NONE);
    }

    /** Without a classifier and without reviews: supervised contrastive replay's step alone. */
    public LearnerOptions(
            long seed,
            int batchSize,
            int recallSize,
            int replayCapacity,
            Reservoir reservoir,
            int stepsPerBatch,
            int refreshSteps,
            int maxSkippedInRow,
            int accuracyWindow,
            AugmentOptions augment,
            int augmentThreads) {
        this(
                seed,
                batchSize,
                recallSize,
                replayCapacity,
                reservoir,
                stepsPerBatch,
                refreshSteps,
                0,
                0,
                maxSkippedInRow,
                accuracyWindow,
                augment,
                augmentThreads);
    }

    /**
     * Optimiser steps on the mini-batch that comes after {@code seen} images: the early ones times the square root of the share of these
     * that memory has room for, rounded, and at least {@code stepsPerBatch}. A learner that was restored takes the same.
     */
    public int stepsAfter(long seen) {
        double covered = Math.min(1, (double) replayCapacity / Math.max(1, seen));
        return Math.max(stepsPerBatch, (int) Math.round(earlyStepsPerBatch * Math.sqrt(covered)));
    }

    /** The same, but with other images held out. */
    public LearnerOptions withHeldOut(HeldOut other) {
        return new LearnerOptions(
                seed,
                batchSize,
                recallSize,
                replayCapacity,
                reservoir,
                stepsPerBatch,
                earlyStepsPerBatch,
                refreshSteps,
                loss,
                reviewImages,
                maxSkippedInRow,
                accuracyWindow,
                augment,
                augmentThreads,
                other,
                recalibrated);
    }

    private static void atLeast(int minimum, int value, String what) {
        if (value < minimum) {
            throw new IllegalArgumentException(what + " must be at least " + minimum + ", but is " + value);
        }
    }

    /** How replay memory chooses what it keeps. */
    public enum Reservoir {
        /** Class-balancing reservoir sampling (Chrysakis and Moens 2020). */
        CLASS_BALANCED,
        /** Reservoir sampling (Vitter 1985): every image of the stream with the same probability. */
        UNIFORM;

        /** Its name in options: {@code class-balanced}, {@code uniform}. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
