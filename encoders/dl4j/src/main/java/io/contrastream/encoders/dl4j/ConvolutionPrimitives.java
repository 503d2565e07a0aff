package io.contrastream.encoders.dl4j;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SCALE_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MEAN;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WORKSPACE;
import static org.bytedeco.dnnl.global.dnnl.dnnl_backward;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_add;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_direct;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_winograd;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_relu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_relu_use_dst_for_bwd;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_inference;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;
import static org.bytedeco.dnnl.global.dnnl.dnnl_fuse_norm_relu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_use_global_stats;
import static org.bytedeco.dnnl.global.dnnl.dnnl_use_scaleshift;

import io.contrastream.learning.network.Node;
import java.util.function.IntFunction;
import org.bytedeco.dnnl.batch_normalization_backward;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.eltwise_backward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;

/** What {@link OneDnnConvolution} runs for one size of batch. Weights are brought into the layouts that the primitives want. */
final class ConvolutionPrimitives {

    /** Weights → their layout in {@link #convolve}, of {@link #weightValues} floats. */
    final Primitive arrange;

    final long weightValues;
    final Primitive convolve;
    /** With ReLU, if no shortcut comes between. */
    final Primitive normalize;
    /** Floats of what {@link #normalize} remembers of the ReLU. */
    final long maskValues;
    /** Adds the shortcut, with ReLU if the vertex has one; null without a shortcut. */
    final Primitive add;
    /** Backward of the ReLU behind {@link #add}. */
    final Primitive rectifyBack;

    final Primitive normalizeBack;
    /** Weights → their layout in {@link #convolveBack}, of {@link #weightValuesBack} floats. */
    final Primitive arrangeBack;

    final long weightValuesBack;
    /** The gradient of the input; null where the input is the images. */
    final Primitive convolveBack;
    /** The gradient of the weights, of {@link #gradientValues} floats. */
    final Primitive correlate;

    final long gradientValues;
    /** The gradient of the weights → as ND4J has it. */
    final Primitive collect;

    private final OneDnn oneDnn;
    private final boolean images;
    private final memory.desc in;
    private final memory.desc out;
    private final memory.desc weights;
    private final long[] strides;
    private final long[] padding;

    /**
     * @param in layout of x
     * @param out layout of the output
     * @param shortcut whether there is one
     * @param images whether x is the images, which need no gradient
     */
    ConvolutionPrimitives(
            OneDnn oneDnn,
            Node.Convolution node,
            memory.desc in,
            memory.desc out,
            boolean rectified,
            boolean shortcut,
            boolean images,
            boolean training) {
        this.oneDnn = oneDnn;
        this.images = images;
        this.in = in;
        this.out = out;
        this.weights = oneDnn.any(node.out(), node.in(), node.kernel(), node.kernel());
        this.strides = new long[] {node.stride(), node.stride()};
        this.padding = new long[] {node.padding(), node.padding()};
        memory.desc plainWeights = oneDnn.plain(node.out(), node.in(), node.kernel(), node.kernel());

        convolution_forward.primitive_desc forward = fastest(this::forward);
        arrange = Primitive.reorder(oneDnn, plainWeights, forward.weights_desc());
        weightValues = OneDnn.values(forward.weights_desc());
        convolve = new Primitive(oneDnn, "convolution", new convolution_forward(forward))
                .takes(DNNL_ARG_SRC, in)
                .takes(DNNL_ARG_WEIGHTS, forward.weights_desc())
                .takes(DNNL_ARG_DST, out);

        int flags = dnnl_use_scaleshift
                | (rectified && !shortcut ? dnnl_fuse_norm_relu : 0)
                | (training ? 0 : dnnl_use_global_stats);
        batch_normalization_forward.primitive_desc norm = norm(training, flags);
        normalize = new Primitive(oneDnn, "batch_normalization", new batch_normalization_forward(norm))
                .takes(DNNL_ARG_SRC, out)
                .takes(DNNL_ARG_DST, out)
                .takes(DNNL_ARG_MEAN, norm.mean_desc())
                .takes(DNNL_ARG_VARIANCE, norm.variance_desc())
                .takes(DNNL_ARG_SCALE_SHIFT, norm.weights_desc());
        boolean masked = training && rectified && !shortcut;
        maskValues = masked ? OneDnn.values(norm.workspace_desc()) : 0;
        if (masked) {
            normalize.takes(DNNL_ARG_WORKSPACE, norm.workspace_desc());
        }
        add = shortcut ? add(rectified) : null;

        rectifyBack = training && rectified && shortcut ? rectifyBack() : null;
        normalizeBack = training ? normalizeBack(norm, flags) : null;
        if (training && masked) {
            normalizeBack.takes(DNNL_ARG_WORKSPACE, norm.workspace_desc());
        }
        if (training && !images) {
            convolution_backward_data.primitive_desc data = fastest(algorithm -> data(algorithm, forward));
            arrangeBack = Primitive.reorder(oneDnn, plainWeights, data.weights_desc());
            weightValuesBack = OneDnn.values(data.weights_desc());
            convolveBack = new Primitive(oneDnn, "convolution_backward_data", new convolution_backward_data(data))
                    .takes(DNNL_ARG_DIFF_DST, out)
                    .takes(DNNL_ARG_WEIGHTS, data.weights_desc())
                    .takes(DNNL_ARG_DIFF_SRC, in);
        } else {
            arrangeBack = null;
            weightValuesBack = 0;
            convolveBack = null;
        }
        if (training) {
            convolution_backward_weights.primitive_desc gradient = fastest(algorithm -> gradient(algorithm, forward));
            correlate = new Primitive(
                            oneDnn, "convolution_backward_weights", new convolution_backward_weights(gradient))
                    .takes(DNNL_ARG_SRC, in)
                    .takes(DNNL_ARG_DIFF_DST, out)
                    .takes(DNNL_ARG_DIFF_WEIGHTS, gradient.diff_weights_desc());
            gradientValues = OneDnn.values(gradient.diff_weights_desc());
            collect = Primitive.reorder(oneDnn, gradient.diff_weights_desc(), plainWeights);
        } else {
            correlate = null;
            gradientValues = 0;
            collect = null;
        }
    }

    /**
     * What {@code make} makes with Winograd's algorithm (Lavin and Gray 2016, arXiv 1509.09308) where oneDNN has it, which takes
     * less than half the time, else with the direct one. For the few channels of images the direct one is the faster.
     */
    private <T> T fastest(IntFunction<T> make) {
        if (!images) {
            try {
                return make.apply(dnnl_convolution_winograd);
            } catch (RuntimeException unsupported) {
                // For the processor, the kernel or the stride.
            }
        }
        return make.apply(dnnl_convolution_direct);
    }

    private convolution_forward.primitive_desc forward(int algorithm) {
        // The backward passes take this one as a hint, so it is always one of training.
        return new convolution_forward.primitive_desc(
                new convolution_forward.desc(
                        dnnl_forward_training, algorithm, in, weights, out, strides, padding, padding),
                oneDnn.cpu());
    }

    private convolution_backward_data.primitive_desc data(int algorithm, convolution_forward.primitive_desc forward) {
        return new convolution_backward_data.primitive_desc(
                new convolution_backward_data.desc(algorithm, in, weights, out, strides, padding, padding),
                oneDnn.cpu(),
                forward);
    }

    private convolution_backward_weights.primitive_desc gradient(
            int algorithm, convolution_forward.primitive_desc forward) {
        return new convolution_backward_weights.primitive_desc(
                new convolution_backward_weights.desc(algorithm, in, weights, out, strides, padding, padding),
                oneDnn.cpu(),
                forward);
    }

    private batch_normalization_forward.primitive_desc norm(boolean training, int flags) {
        return new batch_normalization_forward.primitive_desc(
                new batch_normalization_forward.desc(
                        training ? dnnl_forward_training : dnnl_forward_inference,
                        out,
                        (float) Node.BatchNorm.EPSILON,
                        flags),
                oneDnn.cpu());
    }

    private Primitive normalizeBack(batch_normalization_forward.primitive_desc norm, int flags) {
        batch_normalization_backward.primitive_desc back = new batch_normalization_backward.primitive_desc(
                new batch_normalization_backward.desc(dnnl_backward, out, out, (float) Node.BatchNorm.EPSILON, flags),
                oneDnn.cpu(),
                norm);
        return new Primitive(oneDnn, "batch_normalization_backward", new batch_normalization_backward(back))
                .takes(DNNL_ARG_SRC, out)
                .takes(DNNL_ARG_DIFF_DST, out)
                .takes(DNNL_ARG_DIFF_SRC, out)
                .takes(DNNL_ARG_MEAN, norm.mean_desc())
                .takes(DNNL_ARG_VARIANCE, norm.variance_desc())
                .takes(DNNL_ARG_SCALE_SHIFT, norm.weights_desc())
                .takes(DNNL_ARG_DIFF_SCALE_SHIFT, norm.weights_desc());
    }

    private Primitive add(boolean rectified) {
        post_ops behind = new post_ops();
        if (rectified) {
            behind.append_eltwise(1, dnnl_eltwise_relu, 0, 0);
        }
        primitive_attr attributes = new primitive_attr();
        attributes.set_post_ops(behind);
        return new Primitive(
                        oneDnn,
                        "binary",
                        new binary(new binary.primitive_desc(
                                new binary.desc(dnnl_binary_add, out, out, out), attributes, oneDnn.cpu())))
                .takes(DNNL_ARG_SRC_0, out)
                .takes(DNNL_ARG_SRC_1, out)
                .takes(DNNL_ARG_DST, out);
    }

    private Primitive rectifyBack() {
        eltwise_forward.primitive_desc hint = new eltwise_forward.primitive_desc(
                new eltwise_forward.desc(dnnl_forward_training, dnnl_eltwise_relu_use_dst_for_bwd, out, 0, 0),
                oneDnn.cpu());
        return new Primitive(
                        oneDnn,
                        "eltwise_backward",
                        new eltwise_backward(new eltwise_backward.primitive_desc(
                                new eltwise_backward.desc(dnnl_eltwise_relu_use_dst_for_bwd, out, out, 0, 0),
                                oneDnn.cpu(),
                                hint)))
                .takes(DNNL_ARG_DST, out)
                .takes(DNNL_ARG_DIFF_DST, out)
                .takes(DNNL_ARG_DIFF_SRC, out);
    }
}
