package io.contrastream.encoders.dl4j;

import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/** A loss of a whole batch, which is computed with its gradient. DL4J asks for the gradient first. */
abstract class LossFunction implements ILossFunction {

    private double value;

    /** The loss of what the gradient was last computed of. */
    final double value() {
        return value;
    }

    final void value(double newValue) {
        value = newValue;
    }

    @Override
    public final double computeScore(
            INDArray labels, INDArray outputs, IActivation activation, INDArray mask, boolean average) {
        return value;
    }

    @Override
    public final INDArray computeScoreArray(INDArray labels, INDArray outputs, IActivation activation, INDArray mask) {
        throw new UnsupportedOperationException("the loss is not a sum over examples");
    }

    @Override
    public final Pair<Double, INDArray> computeGradientAndScore(
            INDArray labels, INDArray outputs, IActivation activation, INDArray mask, boolean average) {
        INDArray gradient = computeGradient(labels, outputs, activation, mask);
        return new Pair<>(value, gradient);
    }
}
