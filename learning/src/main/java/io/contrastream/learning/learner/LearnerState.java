package io.contrastream.learning.learner;

import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.network.Tensor;
import java.util.List;

/**
 * Everything of a learner but the contents of its replay slots, which are stored on their own because few of them change at a
 * time. Together they are a consistent cut: a learner restored from both goes on exactly as the original.
 *
 * @param encoder weights, running statistics, optimiser slots, step
 * @param progress class statistics, prequential counters, prototypes: see {@link LearnerProgress}
 * @param classifier weights and optimiser slots of the classifier that training makes use of; empty without one
 */
public record LearnerState(EncoderState encoder, LearnerProgress progress, List<Tensor> classifier) {

    public LearnerState {
        classifier = List.copyOf(classifier);
    }
}
