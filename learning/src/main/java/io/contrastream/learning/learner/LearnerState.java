package io.contrastream.learning.learner;

import io.contrastream.learning.encoder.EncoderState;

/**
 * Everything of a learner but the contents of its replay slots, which are stored on their own because few of them change at a
 * time. Together they are a consistent cut: a learner restored from both goes on exactly as the original.
 *
 * @param encoder weights, running statistics, optimiser slots, the classifier of training, step
 * @param progress class statistics, prequential counters, prototypes: see {@link LearnerProgress}
 */
public record LearnerState(EncoderState encoder, LearnerProgress progress) {}
