package io.contrastream.learning.encoder;

import io.contrastream.learning.network.Tensor;
import java.util.List;

/**
 * A loss and its gradients with respect to all trained parameters, where the engine has computed them. They stand until the encoder
 * computes others, takes over a state or takes a step.
 */
public interface Gradients {

    /** The loss; that of {@code SupCon} alone is at least 0, and 0 if no view has a positive. */
    float loss();

    /**
     * Whether a step can be taken with them: the loss, all gradients and all statistics of the batch are finite, and so are the
     * parameters, running statistics, averages and optimiser slots that it would start from; and no gradient is above
     * {@link SkippedStep#LARGEST_GRADIENT}.
     */
    boolean usable();

    /**
     * A copy, before weight decay: one array a trained parameter of the network, in their order and under their names, and behind them
     * those of the classifier if the objective has one.
     */
    List<Tensor> read();
}
