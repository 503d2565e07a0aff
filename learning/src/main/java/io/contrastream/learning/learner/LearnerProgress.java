package io.contrastream.learning.learner;

/** How far a learner has come. STUB: the learning-core work defines the fields. */
@SuppressWarnings("DoNotCallSuggester")
public record LearnerProgress() {

    /** Images learned from since the model's start. */
    public long imagesSeen() {
        throw new UnsupportedOperationException();
    }

    /** Share of all images predicted rightly before their label was used, in [0, 1]; 0 before the first. */
    public double prequentialAccuracy() {
        throw new UnsupportedOperationException();
    }

    /** The same over the newest images. */
    public double windowAccuracy() {
        throw new UnsupportedOperationException();
    }

    /** Number of images in that window. */
    public int windowSize() {
        throw new UnsupportedOperationException();
    }

    /** Classes seen so far. */
    public int classes() {
        throw new UnsupportedOperationException();
    }

    /** Optimiser steps skipped since the model's start. */
    public long skippedSteps() {
        throw new UnsupportedOperationException();
    }
}
