package io.contrastream.learning.learner;

import io.contrastream.learning.drift.EmbeddingDrift;
import io.contrastream.learning.drift.ErrorDrift;
import java.util.Optional;

/**
 * Figures of how far a learner has come, for metrics and reports: they cost nothing, unlike {@link LearnerProgress}.
 *
 * @param imagesSeen images learned from since the model's start
 * @param prequentialAccuracy share of these predicted rightly before their label was used, in [0, 1]; 0 before the first
 * @param windowAccuracy the same over the newest images
 * @param windowSize number of these newest images
 * @param replaySize images in replay memory
 * @param classes classes seen so far
 * @param skippedSteps optimiser steps skipped since the model's start
 * @param errorRises times that the share of wrong predictions was found to have risen, since the model's start
 * @param errorFalls the same, to have fallen
 * @param errorChange the newest of both, if there was one
 * @param embeddingDistance of the newest images from those before them, in [0, 1]; NaN before the first look at both
 * @param embeddingChanges times that it was found to be above the threshold, since the model's start
 * @param embeddingChange the newest of them, if there was one
 */
public record LearnerFigures(
        long imagesSeen,
        double prequentialAccuracy,
        double windowAccuracy,
        int windowSize,
        int replaySize,
        int classes,
        long skippedSteps,
        long errorRises,
        long errorFalls,
        Optional<ErrorDrift.Change> errorChange,
        double embeddingDistance,
        long embeddingChanges,
        Optional<EmbeddingDrift.Change> embeddingChange) {}
