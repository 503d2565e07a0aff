package io.contrastream.learning.learner;

import io.contrastream.learning.learner.MiniBatchResult.Embedded;
import io.contrastream.learning.learner.MiniBatchResult.Prototype;
import java.util.List;

/**
 * Memory as an encoder sees it: what a release is made of, and judged by.
 *
 * @param prototypes nearest class means of the images that are not held out, by label
 * @param trained images of memory that are not held out
 * @param heldOut images of memory that are, each with the nearest of the prototypes
 */
public record Survey(List<Prototype> prototypes, List<Embedded> trained, List<Embedded> heldOut) {

    public Survey {
        prototypes = List.copyOf(prototypes);
        trained = List.copyOf(trained);
        heldOut = List.copyOf(heldOut);
    }

    /** Share of the held-out images whose nearest prototype is of a class of theirs, in [0, 1]; NaN if there are none. */
    public double heldOutAccuracy() {
        long right = heldOut.stream()
                .filter(image -> image.example().labels().contains(image.nearestLabel()))
                .count();
        return heldOut.isEmpty() ? Double.NaN : (double) right / heldOut.size();
    }
}
