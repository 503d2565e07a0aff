package io.contrastream.embedding;

import java.util.List;

/**
 * The prototypes that are nearest to an embedding.
 *
 * @param prototypes at least one, in descending order of similarity
 * @param strangeness of the image to all classes, at least 0
 */
public record Nearest(List<Similar> prototypes, double strangeness) {

    /**
     * One of them.
     *
     * @param label its class
     * @param similarity cosine similarity, in [-1, 1]
     */
    public record Similar(String label, float similarity) {}

    /** The nearest of all. */
    public Similar first() {
        return prototypes.get(0);
    }

    /** Those behind it. */
    public List<Similar> further() {
        return prototypes.subList(1, prototypes.size());
    }
}
