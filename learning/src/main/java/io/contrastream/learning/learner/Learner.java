package io.contrastream.learning.learner;

import io.contrastream.learning.encoder.Encoder;
import java.util.List;
import java.util.Map;

/** The mini-batch algorithm. STUB: the learning-core work fills it in; the signatures are the contract. */
@SuppressWarnings("DoNotCallSuggester")
public final class Learner {

    /** A learner at its start. The encoder stays the caller's to close. */
    public Learner(LearnerOptions options, Encoder encoder) {
        throw new UnsupportedOperationException();
    }

    /**
     * Learns from one mini-batch: predict, recall, augment, step, remember, prototypes.
     *
     * @param batch 1 to {@code options.batchSize()} examples
     * @throws DivergedException if more than {@code maxSkippedInRow} optimiser steps in a row were skipped
     */
    public MiniBatchResult learn(List<Example> batch) {
        throw new UnsupportedOperationException();
    }

    /** Progress so far; cheap. */
    public LearnerProgress progress() {
        throw new UnsupportedOperationException();
    }

    /** Images in replay memory. */
    public int replaySize() {
        throw new UnsupportedOperationException();
    }

    /** The example in the replay slot. */
    public Example replaySlot(int slot) {
        throw new UnsupportedOperationException();
    }

    /** A copy of everything but the replay slots. */
    public LearnerState state() {
        throw new UnsupportedOperationException();
    }

    /**
     * Takes over a state with its replay slots.
     *
     * @throws IllegalArgumentException naming what differs, if it does not fit the encoder or the options, or a slot is missing
     */
    public void restore(LearnerState state, Map<Integer, Example> slots) {
        throw new UnsupportedOperationException();
    }
}
