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
 * @param replay of images that memory has
 * @param steps of the optimiser a mini-batch
 * @param review when memory is gone through
 * @param loss what stands beside the contrastive loss
 * @param augment how views are made
 * @param augmentThreads threads that make views for an engine that takes them from the host, at least 1; or 0 for as many as there are
 *     cores, but at most 4. The result does not depend on it
 * @param accuracyWindow newest images over which the window accuracy is taken, at least 1
 * @param drift what is watched for drift
 */
public record LearnerOptions(
        long seed,
        int batchSize,
        ReplayOptions replay,
        StepOptions steps,
        ReviewOptions review,
        LossOptions loss,
        AugmentOptions augment,
        int augmentThreads,
        int accuracyWindow,
        DriftOptions drift)
        implements Serializable {

    /** @throws IllegalArgumentException naming the value and its range if one is out of it */
    public LearnerOptions {
        atLeast(1, batchSize, "batch size");
        atLeast(0, augmentThreads, "augment threads");
        atLeast(1, accuracyWindow, "accuracy window");
    }

    /** With the contrastive loss alone, and the views of supervised contrastive replay: what is another is said with the methods below. */
    public LearnerOptions(long seed, int batchSize, ReplayOptions replay, StepOptions steps, ReviewOptions review) {
        this(
                seed,
                batchSize,
                replay,
                steps,
                review,
                LossOptions.CONTRASTIVE,
                AugmentOptions.SCR,
                0,
                500,
                DriftOptions.DEFAULT);
    }

    public LearnerOptions with(LossOptions other) {
        return new LearnerOptions(
                seed, batchSize, replay, steps, review, other, augment, augmentThreads, accuracyWindow, drift);
    }

    public LearnerOptions with(AugmentOptions other) {
        return new LearnerOptions(
                seed, batchSize, replay, steps, review, loss, other, augmentThreads, accuracyWindow, drift);
    }

    public LearnerOptions with(DriftOptions other) {
        return new LearnerOptions(
                seed, batchSize, replay, steps, review, loss, augment, augmentThreads, accuracyWindow, other);
    }

    public LearnerOptions with(HeldOut other) {
        return new LearnerOptions(
                seed,
                batchSize,
                replay.with(other),
                steps,
                review,
                loss,
                augment,
                augmentThreads,
                accuracyWindow,
                drift);
    }

    public LearnerOptions withAugmentThreads(int other) {
        return new LearnerOptions(seed, batchSize, replay, steps, review, loss, augment, other, accuracyWindow, drift);
    }

    public LearnerOptions withAccuracyWindow(int other) {
        return new LearnerOptions(seed, batchSize, replay, steps, review, loss, augment, augmentThreads, other, drift);
    }

    /**
     * Optimiser steps on the mini-batch that comes after {@code seen} images: the early ones times the square root of the share of these
     * that memory has room for, rounded, and at least {@code steps.perBatch()}. A learner that was restored takes the same.
     */
    public int stepsAfter(long seen) {
        double covered = Math.min(1, (double) replay.capacity() / Math.max(1, seen));
        return Math.max(steps.perBatch(), (int) Math.round(steps.earlyPerBatch() * Math.sqrt(covered)));
    }

    static void atLeast(int minimum, int value, String what) {
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
