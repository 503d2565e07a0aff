package io.contrastream.encoders.dl4j.update;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.Axpy;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Stochastic gradient descent as {@code torch.optim.SGD} does it (dampening 0, no Nesterov):
 *
 * <pre>
 *   b ← μ b + g        (b = g at the first step, since b starts at 0)
 *   update = η b
 * </pre>
 */
final class SgdStep extends OptimizerStep {

    private final INDArray buffer;

    /** @param buffer b, or null without momentum */
    SgdStep(UpdateRule rule, INDArray buffer) {
        super(rule);
        this.buffer = buffer;
    }

    @Override
    public void applyUpdater(INDArray gradient, int step, int epoch) {
        double learningRate = options().learningRateAt(step);
        if (buffer == null) {
            gradient.muli(learningRate);
            return;
        }
        Nd4j.exec(new Axpy(buffer, gradient, buffer, options().momentum()));
        buffer.muli(learningRate, gradient);
    }
}
