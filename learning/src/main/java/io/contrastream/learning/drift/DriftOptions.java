package io.contrastream.learning.drift;

import java.io.Serializable;

/**
 * Options of the watch for drift.
 *
 * @param errorDelta delta of {@link Adwin} over wrong predictions, in [0, 1); 0 for not to watch them
 */
public record DriftOptions(double errorDelta) implements Serializable {

    /** River's. */
    public static final DriftOptions DEFAULT = new DriftOptions(0.002);

    /** @throws IllegalArgumentException naming the value and its range if one is out of it */
    public DriftOptions {
        if (!(errorDelta >= 0 && errorDelta < 1)) {
            throw new IllegalArgumentException("error delta must be in [0, 1), but is " + errorDelta);
        }
    }
}
