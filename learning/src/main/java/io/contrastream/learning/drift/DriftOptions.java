package io.contrastream.learning.drift;

import java.io.Serializable;

/**
 * Options of the watch for drift.
 *
 * @param errorDelta delta of {@link Adwin} over wrong predictions, in [0, 1); 0 for not to watch them
 * @param embeddingThreshold distance of the newest images from those before them, above which it is a change ({@link EmbeddingDrift}), in
 *     [0, 1); 0 for not to watch it
 * @param window images of each of both, at least 10
 */
public record DriftOptions(double errorDelta, double embeddingThreshold, int window) implements Serializable {

    /** Errors as River watches them, and no embeddings. */
    public static final DriftOptions DEFAULT = new DriftOptions(0.002, 0, 200);

    /** @throws IllegalArgumentException naming the value and its range if one is out of it */
    public DriftOptions {
        share(errorDelta, "error delta");
        share(embeddingThreshold, "embedding threshold");
        if (window < 10) {
            throw new IllegalArgumentException("drift window must be at least 10, but is " + window);
        }
    }

    private static void share(double value, String what) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException(what + " must be in [0, 1), but is " + value);
        }
    }
}
