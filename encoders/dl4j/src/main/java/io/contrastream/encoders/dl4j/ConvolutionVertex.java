package io.contrastream.encoders.dl4j;

import io.contrastream.learning.network.Node;
import io.contrastream.learning.network.ParameterSpec;
import java.util.List;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Convolution, batch normalisation and, where the network has them, the residual sum and the ReLU behind it:
 *
 * <pre>
 *   y = w ∗ x
 *   μ = mean(y),  c = y − μ,  σ² = mean(c²)          of every channel, over N, H and W
 *   out = max(0, γ c / √(σ² + ε) + β + shortcut)
 * </pre>
 *
 * and backwards, with s = 1 / √(σ² + ε) and g the gradient of what stands inside max():
 *
 * <pre>
 *   g = dout · [out &gt; 0],  dshortcut = g
 *   dβ = Σ g,  dγ = s Σ g c
 *   dy = γ s (g − mean(g)) − γ s³ mean(g c) · c
 *   dw = x ⋆ dy,  dx = w ∗ᵀ dy
 * </pre>
 *
 * Outside training μ and σ² are the running statistics.
 */
final class ConvolutionVertex extends TrainedVertex {

    private final Node.Convolution convolution;
    private final boolean rectified;
    private final RunningStatistics running;
    private final boolean first;
    private final ParameterSpec weight;
    private final ParameterSpec gamma;
    private final ParameterSpec beta;

    private INDArray centred;
    private INDArray output;
    private double[] variance;

    /** @param first whether x is the images, which need no gradient */
    ConvolutionVertex(
            VertexSite site,
            Node.Convolution convolution,
            Node.BatchNorm norm,
            boolean rectified,
            boolean first,
            RunningStatistics running,
            UpdateRule rule) {
        super(site, trained(convolution, norm), rule);
        this.convolution = convolution;
        this.rectified = rectified;
        this.first = first;
        this.running = running;
        this.weight = specs().get(0);
        this.gamma = specs().get(1);
        this.beta = specs().get(2);
    }

    /** w, γ and β. */
    static List<ParameterSpec> trained(Node.Convolution convolution, Node.BatchNorm norm) {
        return List.of(
                convolution.parameters().get(0),
                norm.parameters().get(0),
                norm.parameters().get(1));
    }

    @Override
    public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
        Scratch scratch = Scratch.forward(workspaces, dataType);
        Layout layout = kernels.layout();
        long[] in = inputs[0].shape();
        long[] out = layout.shape(in[0], convolution.out(), size(layout.height(in)), size(layout.width(in)));
        INDArray y = training ? scratch.result(out) : scratch.temporary(out);
        kernels.convolve(
                inputs[0], parameter(weight), y, convolution.kernel(), convolution.stride(), convolution.padding());
        INDArray z = scratch.result(out);
        if (training) {
            normalizeBatch(y, z, scratch);
        } else {
            normalizeRunning(y, z, scratch);
        }
        if (inputs.length == 2) {
            z.addi(inputs[1]);
        }
        if (rectified) {
            kernels.rectify(z);
        }
        output = z;
        return z;
    }

    private void normalizeBatch(INDArray y, INDArray z, Scratch scratch) {
        double count = (double) y.length() / convolution.out();
        double[] mean = kernels.channelSums(y, scratch);
        double[] shift = new double[mean.length];
        for (int c = 0; c < mean.length; c++) {
            mean[c] /= count;
            shift[c] = -mean[c];
        }
        kernels.shift(y, scratch.vector(shift), y);
        variance = kernels.channelSums(y.mul(y, z), scratch);
        double[] scale = Transfer.doubles(parameter(gamma));
        for (int c = 0; c < mean.length; c++) {
            variance[c] /= count;
            scale[c] *= inverse(variance[c]);
        }
        running.observe(mean, variance, count);
        kernels.affine(y, scratch.vector(scale), parameter(beta), z);
        centred = y;
    }

    private void normalizeRunning(INDArray y, INDArray z, Scratch scratch) {
        double[] scale = Transfer.doubles(parameter(gamma));
        double[] shift = Transfer.doubles(parameter(beta));
        for (int c = 0; c < scale.length; c++) {
            scale[c] *= inverse(running.variance(c));
            shift[c] -= running.mean(c) * scale[c];
        }
        kernels.affine(y, scratch.vector(scale), scratch.vector(shift), z);
    }

    @Override
    public Pair<Gradient, INDArray[]> doBackward(boolean truncated, LayerWorkspaceMgr workspaces) {
        Scratch scratch = Scratch.backward(workspaces, dataType);
        INDArray g = epsilon;
        if (rectified) {
            g = inputs.length == 2 ? scratch.result(output.shape()) : scratch.temporary(output.shape());
            kernels.step(output, g);
            g.muli(epsilon);
        }
        INDArray dy = scratch.temporary(output.shape());
        differentiateNorm(g, dy, scratch);
        INDArray dx = first ? scratch.temporary(inputs[0].shape()) : scratch.result(inputs[0].shape());
        kernels.convolveBackward(
                inputs[0],
                parameter(weight),
                dy,
                dx,
                gradient(weight),
                convolution.kernel(),
                convolution.stride(),
                convolution.padding());
        INDArray[] gradients = inputs.length == 2 ? new INDArray[] {dx, g} : new INDArray[] {first ? null : dx};
        return new Pair<>(gradientsByName(), gradients);
    }

    private void differentiateNorm(INDArray g, INDArray dy, Scratch scratch) {
        double count = (double) g.length() / convolution.out();
        double[] sum = kernels.channelSums(g, scratch);
        double[] product = kernels.channelSums(g.mul(centred, dy), scratch);
        double[] scale = Transfer.doubles(parameter(gamma));
        double[] shift = new double[sum.length];
        double[] along = new double[sum.length];
        Transfer.put(sum, gradient(beta));
        for (int c = 0; c < sum.length; c++) {
            double s = inverse(variance[c]);
            product[c] *= s;
            scale[c] *= s;
            shift[c] = -scale[c] * sum[c] / count;
            along[c] = -scale[c] * s * product[c] / count;
        }
        Transfer.put(product, gradient(gamma));
        // The centred values are not needed any more: their array takes the term along them.
        kernels.affine(centred, scratch.vector(along), scratch.vector(shift), dy);
        kernels.affine(g, scratch.vector(scale), scratch.vector(new double[sum.length]), centred);
        dy.addi(centred);
    }

    private long size(long side) {
        return (side + 2L * convolution.padding() - convolution.kernel()) / convolution.stride() + 1;
    }

    private static double inverse(double variance) {
        return 1 / Math.sqrt(variance + Node.BatchNorm.EPSILON);
    }

    @Override
    public void clear() {
        super.clear();
        centred = null;
        output = null;
    }
}
