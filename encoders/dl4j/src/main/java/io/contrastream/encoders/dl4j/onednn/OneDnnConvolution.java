package io.contrastream.encoders.dl4j.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SCALE_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MEAN;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WORKSPACE;

import io.contrastream.encoders.dl4j.array.Scratch;
import io.contrastream.encoders.dl4j.array.Transfer;
import io.contrastream.encoders.dl4j.update.UpdateRule;
import io.contrastream.encoders.dl4j.vertex.ConvolutionBlock;
import io.contrastream.encoders.dl4j.vertex.VertexSite;
import io.contrastream.learning.network.Node;
import org.bytedeco.dnnl.memory;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The vertex of {@code ConvolutionVertex}'s equations on oneDNN: convolution, batch normalisation with the ReLU behind it, and the
 * residual sum with the ReLU behind it are a primitive each.
 */
final class OneDnnConvolution extends ConvolutionBlock {

    private final OneDnn oneDnn;
    private final Plans<Primitives> plans = new Plans<>(this::plan);

    private ConvolutionForward forward;
    private ConvolutionBackward backward;
    private INDArray input;
    private INDArray convolved;
    private INDArray mean;
    private INDArray variance;
    private INDArray mask;
    private INDArray output;

    OneDnnConvolution(VertexSite site, OneDnn oneDnn, Block block, UpdateRule rule) {
        super(site, block, rule);
        this.oneDnn = oneDnn;
        oneDnn.owns(plans);
    }

    /** @param backward null outside training */
    private record Primitives(ConvolutionForward forward, ConvolutionBackward backward) {}

    private Primitives plan(Plans.Batch batch) {
        Node.Convolution node = block.convolution();
        long height = inputs[0].size(2);
        long width = inputs[0].size(3);
        memory.desc in = block.images()
                ? oneDnn.plainMaps(batch.n(), node.in(), height, width)
                : oneDnn.blocked(batch.n(), oneDnn.padded(node.in()), height, width);
        memory.desc out = oneDnn.blocked(batch.n(), node.out(), size(height), size(width));
        ConvolutionShape shape =
                new ConvolutionShape(oneDnn, node, in, out, block.rectified(), inputs.length == 2, block.images());
        ConvolutionForward there = new ConvolutionForward(shape, batch.training());
        return new Primitives(there, batch.training() ? new ConvolutionBackward(shape, there) : null);
    }

    @Override
    public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
        Scratch scratch = Scratch.forward(workspaces, dataType);
        Scratch maps = scratch.of(oneDnn.maps());
        long[] in = inputs[0].shape();
        long[] out = {in[0], oneDnn.padded(block.convolution().out()), size(in[2]), size(in[3])};
        Primitives primitives = plans.of(in[0], training);
        forward = primitives.forward();
        backward = primitives.backward();
        INDArray y = training ? maps.result(out) : maps.temporary(out);
        input = input(maps);
        convolve(y, scratch);
        if (inputs.length == 1) {
            output = maps.result(out);
            normalize(y, output, training, scratch);
        } else {
            // The sum is not in place: with filled up blocks oneDNN's kernel gets it wrong there.
            INDArray z = maps.temporary(out);
            normalize(y, z, training, scratch);
            output = maps.result(out);
            forward.add
                    .with(DNNL_ARG_SRC_0, z)
                    .with(DNNL_ARG_SRC_1, inputs[1])
                    .with(DNNL_ARG_DST, output)
                    .run();
        }
        return output;
    }

    /** The convolution's input in the type of feature maps, which the images are not in. */
    private INDArray input(Scratch maps) {
        if (forward.narrow == null) {
            return inputs[0];
        }
        INDArray narrowed = maps.result(inputs[0].shape());
        forward.narrow
                .with(DNNL_ARG_FROM, inputs[0])
                .with(DNNL_ARG_TO, narrowed)
                .run();
        return narrowed;
    }

    private void convolve(INDArray y, Scratch scratch) {
        INDArray arranged = scratch.temporary(forward.weightValues);
        forward.arrange
                .with(DNNL_ARG_FROM, parameter(weight))
                .with(DNNL_ARG_TO, arranged)
                .run();
        forward.convolve
                .with(DNNL_ARG_SRC, input)
                .with(DNNL_ARG_WEIGHTS, arranged)
                .with(DNNL_ARG_DST, y)
                .run();
    }

    private void normalize(INDArray y, INDArray z, boolean training, Scratch scratch) {
        int channels = block.convolution().out();
        convolved = y;
        mean = training
                ? scratch.result(channels)
                : scratch.vector(block.running().meanCopy());
        variance = training
                ? scratch.result(channels)
                : scratch.vector(block.running().varianceCopy());
        if (forward.maskValues > 0) {
            mask = scratch.result(forward.maskValues);
            forward.normalize.with(DNNL_ARG_WORKSPACE, mask);
        }
        forward.normalize
                .with(DNNL_ARG_SRC, y)
                .with(DNNL_ARG_DST, z)
                .with(DNNL_ARG_MEAN, mean)
                .with(DNNL_ARG_VARIANCE, variance)
                .with(DNNL_ARG_SCALE_SHIFT, parameter(gamma)) // β lies behind γ
                .run();
        if (training) {
            double count = (double) z.size(0) * z.size(2) * z.size(3);
            block.running().observe(Transfer.doubles(mean), Transfer.doubles(variance), count);
        }
    }

    @Override
    public Pair<Gradient, INDArray[]> doBackward(boolean truncated, LayerWorkspaceMgr workspaces) {
        Scratch scratch = Scratch.backward(workspaces, dataType);
        Scratch maps = scratch.of(oneDnn.maps());
        INDArray g = epsilon;
        if (backward.rectify != null) {
            g = maps.result(output.shape());
            backward.rectify
                    .with(DNNL_ARG_DST, output)
                    .with(DNNL_ARG_DIFF_DST, epsilon)
                    .with(DNNL_ARG_DIFF_SRC, g)
                    .run();
        }
        INDArray dy = maps.temporary(output.shape());
        if (forward.maskValues > 0) {
            backward.normalize.with(DNNL_ARG_WORKSPACE, mask);
        }
        backward.normalize
                .with(DNNL_ARG_SRC, convolved)
                .with(DNNL_ARG_DIFF_DST, g)
                .with(DNNL_ARG_DIFF_SRC, dy)
                .with(DNNL_ARG_MEAN, mean)
                .with(DNNL_ARG_VARIANCE, variance)
                .with(DNNL_ARG_SCALE_SHIFT, parameter(gamma))
                .with(DNNL_ARG_DIFF_SCALE_SHIFT, gradient(gamma)) // that of β lies behind it
                .run();
        backward.weightGradient.write(gradient(weight), input, dy, scratch);
        INDArray dx = block.images() ? null : convolveBack(dy, scratch);
        return new Pair<>(gradientsByName(), inputs.length == 2 ? new INDArray[] {dx, g} : new INDArray[] {dx});
    }

    private INDArray convolveBack(INDArray dy, Scratch scratch) {
        INDArray arranged = scratch.temporary(backward.weightValues);
        backward.arrange
                .with(DNNL_ARG_FROM, parameter(weight))
                .with(DNNL_ARG_TO, arranged)
                .run();
        INDArray dx = scratch.of(oneDnn.maps()).result(inputs[0].shape());
        backward.convolve
                .with(DNNL_ARG_DIFF_DST, dy)
                .with(DNNL_ARG_WEIGHTS, arranged)
                .with(DNNL_ARG_DIFF_SRC, dx)
                .run();
        return dx;
    }

    @Override
    public void clear() {
        super.clear();
        input = null;
        convolved = null;
        mean = null;
        variance = null;
        mask = null;
        output = null;
    }
}
