package io.contrastream.learning.learner;

import io.contrastream.learning.drift.EmbeddingDrift;
import io.contrastream.learning.drift.ErrorDrift;
import io.contrastream.learning.learner.LearnerOptions.Reservoir;
import java.util.BitSet;
import java.util.List;

/**
 * How far a learner has come: counters, class statistics and prototypes.
 *
 * @param imagesSeen images learned from since the model's start
 * @param rightlyPredicted those of them that were predicted rightly before their label was used
 * @param window the newest images, oldest first: whether each was predicted rightly; not to be written to
 * @param windowSize number of images in that window
 * @param skippedSteps optimiser steps skipped since the model's start
 * @param skippedInRow of these, the newest that have not been followed by a step taken
 * @param reservoir how memory chose what it kept
 * @param replayCapacity slots that memory had
 * @param vacatedSlots of these, those that forgetting has emptied and no image has taken since
 * @param classStatistics of the classes seen so far, in the order of their first image
 * @param errorDrift changes of the share of wrong predictions
 * @param embeddingDrift changes of where embeddings lie
 */
public record LearnerProgress(
        long imagesSeen,
        long rightlyPredicted,
        BitSet window,
        int windowSize,
        long skippedSteps,
        int skippedInRow,
        Reservoir reservoir,
        int replayCapacity,
        int vacatedSlots,
        List<ClassProgress> classStatistics,
        ErrorDrift.State errorDrift,
        EmbeddingDrift.State embeddingDrift) {

    /** Without drift. */
    public LearnerProgress(
            long imagesSeen,
            long rightlyPredicted,
            BitSet window,
            int windowSize,
            long skippedSteps,
            int skippedInRow,
            Reservoir reservoir,
            int replayCapacity,
            int vacatedSlots,
            List<ClassProgress> classStatistics) {
        this(
                imagesSeen,
                rightlyPredicted,
                window,
                windowSize,
                skippedSteps,
                skippedInRow,
                reservoir,
                replayCapacity,
                vacatedSlots,
                classStatistics,
                ErrorDrift.State.NONE,
                EmbeddingDrift.State.NONE);
    }

    public LearnerProgress {
        classStatistics = List.copyOf(classStatistics);
    }

    /** Share of all images predicted rightly before their label was used, in [0, 1]; 0 before the first. */
    public double prequentialAccuracy() {
        return imagesSeen == 0 ? 0 : (double) rightlyPredicted / imagesSeen;
    }

    /** The same over the newest images. */
    public double windowAccuracy() {
        return windowSize == 0 ? 0 : (double) window.cardinality() / windowSize;
    }

    /** Classes seen so far. */
    public int classes() {
        return classStatistics.size();
    }
}
