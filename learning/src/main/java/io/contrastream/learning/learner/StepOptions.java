package io.contrastream.learning.learner;

import java.io.Serializable;

/**
 * Optimiser steps of a mini-batch.
 *
 * @param perBatch how many, each with its own recall and views, at least 1
 * @param earlyPerBatch how many while memory covers all images of the stream, at least {@code perBatch}: see {@link LearnerOptions#stepsAfter}
 * @param maxSkippedInRow steps skipped one after another that are borne before the learner fails, at least 0
 */
public record StepOptions(int perBatch, int earlyPerBatch, int maxSkippedInRow) implements Serializable {

    /** @throws IllegalArgumentException naming the value and its range if one is out of it */
    public StepOptions {
        LearnerOptions.atLeast(1, perBatch, "steps per batch");
        if (earlyPerBatch < perBatch) {
            throw new IllegalArgumentException("early steps per batch must be at least the steps per batch, " + perBatch
                    + ", but are " + earlyPerBatch);
        }
        LearnerOptions.atLeast(0, maxSkippedInRow, "skipped steps in a row");
    }
}
