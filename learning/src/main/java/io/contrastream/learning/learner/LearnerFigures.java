package io.contrastream.learning.learner;

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
 */
public record LearnerFigures(
        long imagesSeen,
        double prequentialAccuracy,
        double windowAccuracy,
        int windowSize,
        int replaySize,
        int classes,
        long skippedSteps) {}
