package io.contrastream.learning.encoder;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The views of a step as a loss knows them, [V] each.
 *
 * @param labels the class of each
 * @param lastViews position of the last view of each one's image
 * @param fresh whether each is of a new image, and not of a recalled one
 */
public record ViewFacts(int[] labels, int[] lastViews, boolean[] fresh) {

    /** Every view is the only one of a new image. */
    public static ViewFacts ofOwnImages(int[] labels) {
        boolean[] fresh = new boolean[labels.length];
        Arrays.fill(fresh, true);
        return new ViewFacts(labels, IntStream.range(0, labels.length).toArray(), fresh);
    }
}
