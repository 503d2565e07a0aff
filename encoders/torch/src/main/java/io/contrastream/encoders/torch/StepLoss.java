package io.contrastream.encoders.torch;

import io.contrastream.learning.encoder.FeatureLoss;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** What a step minimises: the contrastive loss of the projections, and on the host one of the features. */
final class StepLoss implements Program.Objective {

    private final double temperature;
    private final int[] labels;
    private final FeatureLoss featureLoss;
    private final Target target;
    private Tensor ofViews;
    private double ofFeatures;

    StepLoss(double temperature, int[] labels, FeatureLoss featureLoss, Target target) {
        this.temperature = temperature;
        this.labels = labels;
        this.featureLoss = featureLoss;
        this.target = target;
    }

    /** The contrastive loss, a scalar on the device. */
    Tensor ofViews() {
        return ofViews;
    }

    /** The loss of the features. */
    double ofFeatures() {
        return ofFeatures;
    }

    @Override
    public Tensor ofProjections(Tensor projections) {
        Tensor classes = Native.to(Native.integers(labels), target.device(), ScalarType.Int);
        SupConLoss loss = SupConLoss.of(projections, classes, temperature);
        ofViews = loss.loss();
        return loss.gradient();
    }

    @Override
    public Tensor ofFeatures(Tensor features) {
        if (featureLoss == FeatureLoss.NONE) {
            return null;
        }
        float[] rows = Native.floats(features); // waits for the device
        float[] gradient = new float[rows.length];
        ofFeatures = featureLoss.lossAndGradient(rows, gradient);
        Tensor staged = Native.zeros("cpu", ScalarType.Float, features.size(0), features.size(1));
        staged.data_ptr_float().put(gradient);
        return Native.to(staged, target.device(), ScalarType.Float);
    }
}
