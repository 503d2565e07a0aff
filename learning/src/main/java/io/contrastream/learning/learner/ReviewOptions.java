package io.contrastream.learning.learner;

import java.io.Serializable;

/**
 * When memory is gone through as a whole.
 *
 * @param refreshSteps optimiser steps between re-encodings of memory and new prototypes, at least 1
 * @param recalibrated whether a refresh takes the running statistics that images are embedded with from memory first
 * @param images of the stream between reviews of memory: see {@link Training#review}; 0 for never
 */
public record ReviewOptions(int refreshSteps, boolean recalibrated, int images) implements Serializable {

    /** @throws IllegalArgumentException naming the value and its range if one is out of it */
    public ReviewOptions {
        LearnerOptions.atLeast(1, refreshSteps, "refresh steps");
        LearnerOptions.atLeast(0, images, "review images");
    }
}
