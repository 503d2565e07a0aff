package io.contrastream.encoders.dl4j.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MEAN;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WORKSPACE;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_add;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_relu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_inference;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;
import static org.bytedeco.dnnl.global.dnnl.dnnl_fuse_norm_relu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_use_global_stats;
import static org.bytedeco.dnnl.global.dnnl.dnnl_use_scaleshift;

import io.contrastream.learning.network.Node;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;

/** Primitives that {@link OneDnnConvolution} runs forwards for one size of batch. */
final class ConvolutionForward {

    /** The images → feature maps' type; null where the input is that already. */
    final Primitive narrow;

    /** Weights → their layout in {@link #convolve}, of {@link #weightValues} floats. */
    final Primitive arrange;

    final long weightValues;
    final Primitive convolve;
    /** With ReLU, if no shortcut comes between. */
    final Primitive normalize;
    /** Floats of what {@link #normalize} remembers of its ReLU; 0 if it has none, and outside training. */
    final long maskValues;
    /** Adds the shortcut, with ReLU if the block has one; null without a shortcut. */
    final Primitive add;

    /** Hints for the primitives of the way back. */
    final convolution_forward.primitive_desc convolution;

    final batch_normalization_forward.primitive_desc norm;

    ConvolutionForward(ConvolutionShape shape, boolean training) {
        OneDnn oneDnn = shape.oneDnn();
        memory.desc out = shape.out();
        narrow = shape.images() && oneDnn.half() ? Primitive.reorder(oneDnn, shape.floats(), shape.in()) : null;
        convolution = shape.fastest(algorithm -> convolution(shape, algorithm));
        arrange = Primitive.reorder(oneDnn, shape.plainWeights(), shape.filledUp(convolution.weights_desc()));
        weightValues = OneDnn.values(convolution.weights_desc());
        convolve = new Primitive(oneDnn, "convolution", new convolution_forward(convolution))
                .takes(DNNL_ARG_SRC, shape.in())
                .takes(DNNL_ARG_WEIGHTS, convolution.weights_desc())
                .takes(DNNL_ARG_DST, out);
        norm = norm(shape, training);
        normalize = new Primitive(oneDnn, "batch_normalization", new batch_normalization_forward(norm))
                .takes(DNNL_ARG_SRC, out)
                .takes(DNNL_ARG_DST, out)
                .takes(DNNL_ARG_MEAN, norm.mean_desc())
                .takes(DNNL_ARG_VARIANCE, norm.variance_desc())
                .takes(DNNL_ARG_SCALE_SHIFT, norm.weights_desc());
        if (training && shape.normRectifies()) {
            maskValues = OneDnn.values(norm.workspace_desc());
            normalize.takes(DNNL_ARG_WORKSPACE, norm.workspace_desc());
        } else {
            maskValues = 0;
        }
        add = shape.shortcut() ? add(shape) : null;
    }

    private static convolution_forward.primitive_desc convolution(ConvolutionShape shape, int algorithm) {
        // Of training in any case, since only that is a hint for the way back.
        return new convolution_forward.primitive_desc(
                new convolution_forward.desc(
                        dnnl_forward_training,
                        algorithm,
                        shape.in(),
                        shape.weights(),
                        shape.out(),
                        shape.strides(),
                        shape.padding(),
                        shape.padding()),
                shape.oneDnn().cpu());
    }

    private static batch_normalization_forward.primitive_desc norm(ConvolutionShape shape, boolean training) {
        return new batch_normalization_forward.primitive_desc(
                new batch_normalization_forward.desc(
                        training ? dnnl_forward_training : dnnl_forward_inference,
                        shape.out(),
                        (float) Node.BatchNorm.EPSILON,
                        normFlags(shape) | (training ? 0 : dnnl_use_global_stats)),
                shape.oneDnn().cpu());
    }

    /** Those of training. */
    static int normFlags(ConvolutionShape shape) {
        return dnnl_use_scaleshift | (shape.normRectifies() ? dnnl_fuse_norm_relu : 0);
    }

    private static Primitive add(ConvolutionShape shape) {
        memory.desc out = shape.out();
        post_ops behind = new post_ops();
        if (shape.rectified()) {
            behind.append_eltwise(1, dnnl_eltwise_relu, 0, 0);
        }
        primitive_attr attributes = new primitive_attr();
        attributes.set_post_ops(behind);
        binary.primitive_desc sum = new binary.primitive_desc(
                new binary.desc(dnnl_binary_add, out, out, out),
                attributes,
                shape.oneDnn().cpu());
        return new Primitive(shape.oneDnn(), "binary", new binary(sum))
                .takes(DNNL_ARG_SRC_0, out)
                .takes(DNNL_ARG_SRC_1, out)
                .takes(DNNL_ARG_DST, out);
    }
}
