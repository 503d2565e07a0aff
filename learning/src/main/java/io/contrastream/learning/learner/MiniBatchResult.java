package io.contrastream.learning.learner;

import java.util.List;

/**
 * Results of one mini-batch.
 *
 * @param encoderVersion optimiser steps since the model's start, after this mini-batch
 * @param loss mean over its optimiser steps; NaN if none was taken
 * @param takenSteps of its optimiser steps, those that were taken
 * @param skippedSteps of its optimiser steps, those not taken because a loss, gradient, weight or embedding was not finite, or all there
 *     was to train on is held out
 * @param learned one entry an example of the mini-batch, in its order
 * @param moved its images that memory had under other labels: they have taken their own places there
 * @param refreshed embeddings of memory images under the new encoder, by slot, if memory was re-encoded; else empty. Images of
 *     this mini-batch are not repeated, and those left out that have no embedding of length 1
 * @param prototypes those that changed, by label
 * @param lostPrototypes labels, ascending, of classes that have no image in memory any more, and so no prototype
 * @param changedSlots replay slots that were written or, where they are not below memory's size any more, emptied; ascending
 */
public record MiniBatchResult(
        long encoderVersion,
        float loss,
        int takenSteps,
        int skippedSteps,
        List<Learned> learned,
        int moved,
        List<Embedded> refreshed,
        List<Prototype> prototypes,
        List<String> lostPrototypes,
        List<Integer> changedSlots) {

    /**
     * An example of the mini-batch.
     *
     * @param predictedLabel label of the nearest prototype before the label was used; null while there was no prototype
     * @param similarity cosine similarity to that prototype, in [-1, 1]; NaN while there was none
     * @param embedding [D], of length 1, under the new encoder; null if the encoder has none of length 1 for it
     */
    public record Learned(Example example, String predictedLabel, float similarity, float[] embedding) {}

    /**
     * An image of replay memory.
     *
     * @param nearestLabel label of the nearest of the new prototypes; null if there is none
     * @param similarity cosine similarity to that prototype, in [-1, 1]; NaN if there is none
     * @param embedding [D], of length 1, under the new encoder
     */
    public record Embedded(Example example, String nearestLabel, float similarity, float[] embedding) {}

    /**
     * A class's prototype.
     *
     * @param label the class
     * @param vector [D], of length 1
     * @param support images of the class in memory, at least 1
     * @param dispersion mean cosine similarity of these to the vector, in [0, 1]
     */
    public record Prototype(String label, float[] vector, int support, float dispersion) {}
}
