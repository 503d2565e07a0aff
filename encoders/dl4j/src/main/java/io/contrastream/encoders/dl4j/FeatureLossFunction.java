package io.contrastream.encoders.dl4j;

import io.contrastream.learning.encoder.FeatureLoss;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A {@link FeatureLoss} as DL4J takes it. Which one may change with every step. */
final class FeatureLossFunction extends LossFunction {

    private transient FeatureLoss loss = FeatureLoss.NONE;

    /** From now on it is this one. */
    void set(FeatureLoss newLoss) {
        loss = newLoss;
    }

    @Override
    public INDArray computeGradient(INDArray labels, INDArray features, IActivation activation, INDArray mask) {
        // In whichever workspace is open: that of temporaries.
        INDArray gradient = Nd4j.create(features.dataType(), features.shape()); // [N, D]
        value(0);
        if (loss != FeatureLoss.NONE) {
            float[] rows = Transfer.floats(features);
            float[] slopes = new float[rows.length];
            value(loss.lossAndGradient(rows, slopes));
            Transfer.put(slopes, gradient);
        }
        return gradient;
    }

    @Override
    public String name() {
        return "of the features";
    }
}
