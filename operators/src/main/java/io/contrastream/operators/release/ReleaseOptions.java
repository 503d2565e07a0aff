package io.contrastream.operators.release;

import io.contrastream.learning.encoder.DeviceOptions.Precision;
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
 * @param everySteps optimiser steps between releases, at least 1; or 0 for no releases by steps
 * @param everyInterval a release is due with the first mini-batch so long after the last one, at least 1 ms; or zero for not by time
 * @param maxDifference most by which any component of an embedding may differ between the engine and the exported network, above 0; or 0
 *     for what the engine's precision leaves
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
    public static final ReleaseOptions NONE = new ReleaseOptions("", 0, Duration.ZERO, 0, 0.02, Map.of());

    private static final double FLOAT32_DIFFERENCE = 1e-4;
    /** Of factors with mantissas of 8 bits, or 10. */
    private static final double SHORT_MANTISSA_DIFFERENCE = 0.02;

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

    /** Most by which a component may differ for an engine of the precision: the exported network is single precision in any case. */
    double maxDifference(Precision precision) {
        if (maxDifference > 0) {
            return maxDifference;
        }
        return precision == Precision.FLOAT32 ? FLOAT32_DIFFERENCE : SHORT_MANTISSA_DIFFERENCE;
    }

    /** Whether anything is released. */
    public boolean enabled() {
        return !directory.isEmpty();
    }
}
