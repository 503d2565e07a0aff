package io.contrastream.operators.release;

import java.io.Serializable;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * When a learner releases its encoder, and what a release has to be like.
 *
 * @param directory URI of the directory of releases; empty to release nothing
 * @param everySteps a release is due whenever so many optimiser steps have passed, at least 1; or 0 for not by steps
 * @param everyInterval a release is due with the first mini-batch so long after the last one, at least 1 ms; or zero for not by time
 * @param maxDifference most by which any component of an embedding may differ between the engine and the exported network, above 0
 * @param maxAccuracyLoss most by which the accuracy on held-out images may be below the last release's, in [0, 1]
 * @param jobOptions what the manifest is to tell of the options
 */
public record ReleaseOptions(
        String directory,
        long everySteps,
        Duration everyInterval,
        double maxDifference,
        double maxAccuracyLoss,
        SortedMap<String, String> jobOptions)
        implements Serializable {

    /** Nothing is released. */
    public static final ReleaseOptions NONE = new ReleaseOptions("", 0, Duration.ZERO, 1e-4, 0.02, Map.of());

    public ReleaseOptions {
        jobOptions = Collections.unmodifiableSortedMap(new TreeMap<>(jobOptions));
    }

    public ReleaseOptions(
            String directory,
            long everySteps,
            Duration everyInterval,
            double maxDifference,
            double maxAccuracyLoss,
            Map<String, String> jobOptions) {
        this(directory, everySteps, everyInterval, maxDifference, maxAccuracyLoss, new TreeMap<>(jobOptions));
    }

    /** Whether anything is released. */
    public boolean enabled() {
        return !directory.isEmpty();
    }
}
