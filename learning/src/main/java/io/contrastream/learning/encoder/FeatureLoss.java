package io.contrastream.learning.encoder;

/**
 * A loss of an encoder's features that is added to the contrastive one in a step: the seam for objectives that live outside the
 * engine. Features are what the embedding is before it is brought to unit length.
 */
@FunctionalInterface
public interface FeatureLoss {

    /** No such loss: an engine need not even hand out the features. */
    FeatureLoss NONE = (features, gradient) -> 0;

    /**
     * Computes the loss of the features of a step's views, with the statistics of these views, and its gradient.
     *
     * @param features [N, D], not to be written to
     * @param gradient [N, D], zeros; takes the derivative of the loss with respect to the features
     * @return the loss; if it or a derivative is not finite, no step is taken
     */
    double lossAndGradient(float[] features, float[] gradient);
}
