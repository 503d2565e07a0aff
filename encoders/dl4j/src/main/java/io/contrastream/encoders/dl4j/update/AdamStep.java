package io.contrastream.encoders.dl4j.update;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.updaters.AdamUpdater;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Adam (Kingma and Ba 2015) as {@code torch.optim.Adam} does it; t counts from 1:
 *
 * <pre>
 *   m ← β₁ m + (1 − β₁) g
 *   v ← β₂ v + (1 − β₂) g²
 *   update = η / (1 − β₁ᵗ) · m / (√(v / (1 − β₂ᵗ)) + ε)
 * </pre>
 */
final class AdamStep extends OptimizerStep {

    /** ND4J's operation multiplies by √(1 − β₂ᵗ) / (1 − β₁ᵗ) in single precision: 1 at this t. */
    private static final int NO_BIAS_CORRECTION = Integer.MAX_VALUE - 1;

    private final INDArray mean;
    private final INDArray square;

    /** @param slots m and v, one behind the other */
    AdamStep(UpdateRule rule, INDArray slots) {
        super(rule);
        long half = slots.length() / 2;
        INDArray flat = slots.reshape(slots.length());
        this.mean = flat.get(NDArrayIndex.interval(0, half));
        this.square = flat.get(NDArrayIndex.interval(half, 2 * half));
    }

    @Override
    public void applyUpdater(INDArray gradient, int step, int epoch) {
        double t = step + 1.0;
        double meanCorrection = 1 - Math.pow(options().beta1(), t);
        double squareCorrection = Math.sqrt(1 - Math.pow(options().beta2(), t));
        // Both sides of the fraction times the root of v's correction: the operation knows only √v + ε.
        Nd4j.exec(new AdamUpdater(
                gradient,
                square,
                mean,
                options().learningRateAt(step) * squareCorrection / meanCorrection,
                options().beta1(),
                options().beta2(),
                options().epsilon() * squareCorrection,
                NO_BIAS_CORRECTION));
    }
}
