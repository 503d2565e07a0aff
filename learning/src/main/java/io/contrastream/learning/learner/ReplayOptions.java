package io.contrastream.learning.learner;

import io.contrastream.learning.learner.LearnerOptions.Reservoir;
import java.io.Serializable;

/**
 * Replay memory: its size and kind, and how much of it a step recalls.
 *
 * @param capacity images in replay memory, at least {@code recallSize} and at least 1
 * @param recallSize images recalled from memory a mini-batch, at least 0
 * @param reservoir how memory chooses what it keeps
 * @param heldOut images that are remembered and embedded, but never trained on
 */
public record ReplayOptions(int capacity, int recallSize, Reservoir reservoir, HeldOut heldOut)
        implements Serializable {

    /** @throws IllegalArgumentException naming the value and its range if one is out of it */
    public ReplayOptions {
        LearnerOptions.atLeast(0, recallSize, "recall size");
        LearnerOptions.atLeast(1, capacity, "replay capacity");
        if (capacity < recallSize) {
            throw new IllegalArgumentException(
                    "replay capacity must be at least the recall size, " + recallSize + ", but is " + capacity);
        }
    }

    /** With no image held out. */
    public ReplayOptions(int capacity, int recallSize, Reservoir reservoir) {
        this(capacity, recallSize, reservoir, HeldOut.NONE);
    }

    public ReplayOptions with(HeldOut other) {
        return new ReplayOptions(capacity, recallSize, reservoir, other);
    }
}
