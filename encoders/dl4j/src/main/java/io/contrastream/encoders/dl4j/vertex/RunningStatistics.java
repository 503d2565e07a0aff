package io.contrastream.encoders.dl4j.vertex;

import io.contrastream.learning.network.Node;
import io.contrastream.learning.network.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Running mean and variance of one batch normalisation, on the Java heap, and averages of both. A batch is observed first and
 * taken over only when the step that it belongs to is:
 *
 * <pre>
 *   running ← (1 − α) running + α batch,   the variance of the batch with n / (n − 1)
 * </pre>
 */
public final class RunningStatistics {

    private final float[] mean;
    private final float[] variance;
    private final float[] averageMean;
    private final float[] averageVariance;
    private boolean averagesInUse;
    private double[] batchMean = {};
    private double[] batchVariance = {};
    private double count;

    public RunningStatistics(int channels) {
        this.mean = new float[channels];
        this.variance = new float[channels];
        this.averageMean = new float[channels];
        this.averageVariance = new float[channels];
    }

    public float mean(int channel) {
        return (averagesInUse ? averageMean : mean)[channel];
    }

    public float variance(int channel) {
        return (averagesInUse ? averageVariance : variance)[channel];
    }

    public float[] meanCopy() {
        return (averagesInUse ? averageMean : mean).clone();
    }

    public float[] varianceCopy() {
        return (averagesInUse ? averageVariance : variance).clone();
    }

    /** From now on mean and variance are the averages, or again the newest. */
    public void useAverages(boolean averages) {
        averagesInUse = averages;
    }

    /** average ← newest, whatever it was: 0 times NaN would not be 0. */
    public void restartAverages() {
        System.arraycopy(mean, 0, averageMean, 0, mean.length);
        System.arraycopy(variance, 0, averageVariance, 0, variance.length);
    }

    /** average ← decay · average + (1 − decay) newest. */
    public void average(double decay) {
        for (int c = 0; c < mean.length; c++) {
            averageMean[c] = (float) (decay * averageMean[c] + (1 - decay) * mean[c]);
            averageVariance[c] = (float) (decay * averageVariance[c] + (1 - decay) * variance[c]);
        }
    }

    /** The way back to the averages as they are now. */
    public Runnable averages() {
        float[] means = averageMean.clone();
        float[] variances = averageVariance.clone();
        return () -> {
            System.arraycopy(means, 0, averageMean, 0, means.length);
            System.arraycopy(variances, 0, averageVariance, 0, variances.length);
        };
    }

    /** average ← the mean of the batch that was observed and of some earlier ones, which it is of. */
    public void addToAverages(int batches) {
        double share = 1.0 / (batches + 1);
        for (int c = 0; c < mean.length; c++) {
            averageMean[c] = (float) (averageMean[c] + share * (batchMean[c] - averageMean[c]));
            averageVariance[c] = (float)
                    (averageVariance[c] + share * (batchVariance[c] * count / (count - 1) - averageVariance[c]));
        }
    }

    public void set(float[] newMean, float[] newVariance) {
        System.arraycopy(newMean, 0, mean, 0, mean.length);
        System.arraycopy(newVariance, 0, variance, 0, variance.length);
    }

    /** Remembers a batch: its mean and biased variance over {@code count} values a channel. */
    public void observe(double[] ofMean, double[] ofVariance, double ofCount) {
        batchMean = ofMean;
        batchVariance = ofVariance;
        count = ofCount;
    }

    /** Whether the batch's statistics are numbers that the running ones can hold, and these and their averages are numbers. */
    public boolean finite() {
        return finite(batchMean)
                && finite(batchVariance)
                && finite(mean)
                && finite(variance)
                && finite(averageMean)
                && finite(averageVariance);
    }

    private static boolean finite(float[] values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }

    private static boolean finite(double[] values) {
        return Arrays.stream(values).allMatch(value -> Float.isFinite((float) value));
    }

    /** Mean and variance of the batch, by the names of the running ones behind that of the batch normalisation. */
    public List<Tensor> observed(String norm) {
        return List.of(tensor(norm + ".running_mean", batchMean), tensor(norm + ".running_var", batchVariance));
    }

    private static Tensor tensor(String name, double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return new Tensor(name, new int[] {values.length}, floats);
    }

    /** Takes over the batch. */
    public void accept() {
        double alpha = Node.BatchNorm.MOMENTUM;
        for (int c = 0; c < mean.length; c++) {
            mean[c] = (float) ((1 - alpha) * mean[c] + alpha * batchMean[c]);
            variance[c] = (float) ((1 - alpha) * variance[c] + alpha * batchVariance[c] * count / (count - 1));
        }
    }
}
