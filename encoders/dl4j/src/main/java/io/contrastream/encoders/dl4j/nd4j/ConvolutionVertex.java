package io.contrastream.encoders.dl4j.nd4j;

import io.contrastream.encoders.dl4j.array.Scratch;
import io.contrastream.encoders.dl4j.array.Transfer;
import io.contrastream.encoders.dl4j.update.UpdateRule;
import io.contrastream.encoders.dl4j.vertex.ConvolutionBlock;
import io.contrastream.encoders.dl4j.vertex.VertexSite;
import io.contrastream.learning.network.Node;
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
final class ConvolutionVertex extends ConvolutionBlock {

    private INDArray centred;
    private INDArray output;
    private double[] variance;

    ConvolutionVertex(VertexSite site, Block block, UpdateRule rule) {
        super(site, block, rule);
    }

    @Override
    public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
        Scratch scratch = Scratch.forward(workspaces, dataType);
        long[] in = inputs[0].shape();
        long[] out = {in[0], block.convolution().out(), size(in[2]), size(in[3])};
        INDArray y = training ? scratch.result(out) : scratch.temporary(out);
        kernels.convolve(
                inputs[0],
                parameter(weight),
                y,
                block.convolution().kernel(),
                block.convolution().stride(),
                block.convolution().padding());
        INDArray z = scratch.result(out);
        if (training) {
            normalizeBatch(y, z, scratch);
        } else {
            normalizeRunning(y, z, scratch);
        }
        if (inputs.length == 2) {
            z.addi(inputs[1]);
        }
        if (block.rectified()) {
            kernels.rectify(z);
        }
        output = z;
        return z;
    }

    private void normalizeBatch(INDArray y, INDArray z, Scratch scratch) {
        double count = (double) y.length() / block.convolution().out();
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
        block.running().observe(mean, variance, count);
        kernels.affine(y, scratch.vector(scale), parameter(beta), z);
        centred = y;
    }

    private void normalizeRunning(INDArray y, INDArray z, Scratch scratch) {
        double[] scale = Transfer.doubles(parameter(gamma));
        double[] shift = Transfer.doubles(parameter(beta));
        for (int c = 0; c < scale.length; c++) {
            scale[c] *= inverse(block.running().variance(c));
            shift[c] -= block.running().mean(c) * scale[c];
        }
        kernels.affine(y, scratch.vector(scale), scratch.vector(shift), z);
    }

    @Override
    public Pair<Gradient, INDArray[]> doBackward(boolean truncated, LayerWorkspaceMgr workspaces) {
        Scratch scratch = Scratch.backward(workspaces, dataType);
        INDArray g = epsilon;
        if (block.rectified()) {
            g = inputs.length == 2 ? scratch.result(output.shape()) : scratch.temporary(output.shape());
            kernels.step(output, g);
            g.muli(epsilon);
        }
        INDArray dy = scratch.temporary(output.shape());
        differentiateNorm(g, dy, scratch);
        INDArray dx = block.images() ? scratch.temporary(inputs[0].shape()) : scratch.result(inputs[0].shape());
        kernels.convolveBackward(
                inputs[0],
                parameter(weight),
                dy,
                dx,
                gradient(weight),
                block.convolution().kernel(),
                block.convolution().stride(),
                block.convolution().padding());
        INDArray[] gradients =
                inputs.length == 2 ? new INDArray[] {dx, g} : new INDArray[] {block.images() ? null : dx};
        return new Pair<>(gradientsByName(), gradients);
    }

    private void differentiateNorm(INDArray g, INDArray dy, Scratch scratch) {
        double count = (double) g.length() / block.convolution().out();
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
