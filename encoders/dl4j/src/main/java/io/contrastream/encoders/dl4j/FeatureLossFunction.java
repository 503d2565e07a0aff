package io.contrastream.encoders.dl4j;

import io.contrastream.learning.encoder.FeatureLoss;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/** A {@link FeatureLoss} as DL4J takes it. Which one may change with every step. */
final class FeatureLossFunction implements ILossFunction {

    private transient FeatureLoss loss = FeatureLoss.NONE;
    private double value;

    /** From now on it is this one. */
    void set(FeatureLoss newLoss) {
        loss = newLoss;
    }

    /** The loss of the features that the gradient was last computed of. */
    double value() {
        return value;
    }

    @Override
    public INDArray computeGradient(INDArray labels, INDArray features, IActivation activation, INDArray mask) {
        // In whichever workspace is open: that of temporaries.
        INDArray gradient = Nd4j.create(features.dataType(), features.shape()); // [N, D]
        value = 0;
        if (loss != FeatureLoss.NONE) {
            float[] rows = Transfer.floats(features);
            float[] slopes = new float[rows.length];
            value = loss.lossAndGradient(rows, slopes);
            Transfer.put(slopes, gradient);
        }
        return gradient;
    }

    @Override
    public double computeScore(
            INDArray labels, INDArray features, IActivation activation, INDArray mask, boolean average) {
        return value;
    }

    @Override
    public INDArray computeScoreArray(INDArray labels, INDArray features, IActivation activation, INDArray mask) {
        throw new UnsupportedOperationException("the loss is not a sum over examples");
    }

    @Override
    public Pair<Double, INDArray> computeGradientAndScore(
            INDArray labels, INDArray features, IActivation activation, INDArray mask, boolean average) {
        INDArray gradient = computeGradient(labels, features, activation, mask);
        return new Pair<>(value, gradient);
    }

    @Override
    public String name() {
        return "of the features";
    }
}
