package io.contrastream.learning.learner;

import io.contrastream.learning.augment.AugmentOptions;
import io.contrastream.learning.objective.CrossEntropy;
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
 * @param refreshSteps memory is re-encoded and prototypes are recomputed whenever so many optimiser steps have passed, at least 1
 * @param classifierWeight weight of a {@link CrossEntropy} beside the contrastive loss, at least 0; 0 for
 *     none
 * @param reviewImages memory is reviewed whenever so many images have been learned: see {@link Training#review}; 0 for never
 * @param maxSkippedInRow optimiser steps skipped one after another that are borne before the learner fails, at least 0
 * @param accuracyWindow newest images over which the window accuracy is taken, at least 1
 * @param augment how views are made
 * @param augmentThreads threads that make views for an engine that takes them from the host, at least 1; or 0 for as many as there are cores, but at most 4. The result does
 *     not depend on it
 * @param heldOut images that are remembered and embedded, but never trained on
 */
public record LearnerOptions(
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
        int augmentThreads,
        HeldOut heldOut)
        implements Serializable {

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
        atLeast(1, refreshSteps, "refresh steps");
        if (!(classifierWeight >= 0 && Double.isFinite(classifierWeight))) {
            throw new IllegalArgumentException("classifier weight must be at least 0, but is " + classifierWeight);
        }
        atLeast(0, reviewImages, "review images");
        atLeast(0, maxSkippedInRow, "skipped steps in a row");
        atLeast(1, accuracyWindow, "accuracy window");
        atLeast(0, augmentThreads, "augment threads");
    }

    /** With no image held out. */
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
                refreshSteps,
                classifierWeight,
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

    /** The same, but with other images held out. */
    public LearnerOptions withHeldOut(HeldOut other) {
        return new LearnerOptions(
                seed,
                batchSize,
                recallSize,
                replayCapacity,
                reservoir,
                stepsPerBatch,
                refreshSteps,
                classifierWeight,
                reviewImages,
                maxSkippedInRow,
                accuracyWindow,
                augment,
                augmentThreads,
                other);
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
