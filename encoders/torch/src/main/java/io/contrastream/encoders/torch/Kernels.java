package io.contrastream.encoders.torch;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Kernels of a device's own: for batch normalisation, with what follows it in the same pass over memory, and for many copies at once.
 * Images lie channels last: [N, C, H, W] with the channels next to each other. Weight, bias and statistics are float32 of [C].
 * Equal calls end in equal bits.
 */
interface Kernels {

    /** Whether it can normalise this number of channels. */
    boolean take(int channels);

    /**
     * Copies arrays to float32 ones of the same shapes.
     *
     * @param from of the type of the activations
     */
    void copy(List<Tensor> from, List<Tensor> to);

    /**
     * The statistics of a batch.
     *
     * @param mean gets the means
     * @param variance gets the unbiased variances
     * @return means and 1 / standard deviations, [2, C], of the innermost scope
     */
    Tensor statistics(Tensor x, Tensor mean, Tensor variance);

    /**
     * y ← (x − mean) / deviation · weight + bias, plus a residual, at least 0 if told.
     *
     * @param statistics means and 1 / standard deviations, [2, C]
     * @param residual of the same shape, or null
     * @param y may be {@code x}
     */
    void normalize(Tensor x, Tensor statistics, Tensor weight, Tensor bias, Tensor residual, boolean relu, Tensor y);

    /** The same by running statistics. */
    void normalize(
            Tensor x,
            Tensor mean,
            Tensor variance,
            Tensor weight,
            Tensor bias,
            Tensor residual,
            boolean relu,
            Tensor y);

    /**
     * The gradients of weight and bias.
     *
     * @param gradient of y
     * @param more to be added to it, or null
     * @param y null where it follows from {@code x}, which is where there is no residual
     * @param masked gets the sum where y is above 0, or everywhere without ReLU, and 0 elsewhere; may be {@code gradient}; null where
     *     nothing is to be written
     * @return what {@link #backward} needs, of the innermost scope
     */
    Tensor reduce(
            Tensor gradient,
            Tensor more,
            Tensor x,
            Tensor y,
            boolean relu,
            Tensor masked,
            Tensor statistics,
            Tensor weight,
            Tensor bias,
            Tensor ofWeight,
            Tensor ofBias);

    /**
     * The gradient of x.
     *
     * @param gradient of y, or what was masked of it
     * @param relu whether it is still to be masked
     * @param reduced by {@link #reduce}
     * @param ofX gets it; may be {@code gradient}
     */
    void backward(
            Tensor gradient,
            Tensor x,
            boolean relu,
            Tensor statistics,
            Tensor weight,
            Tensor bias,
            Tensor reduced,
            Tensor ofX);
}
