package io.contrastream.encoders.dl4j.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SCALE_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MEAN;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WORKSPACE;
import static org.bytedeco.dnnl.global.dnnl.dnnl_backward;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_relu_use_dst_for_bwd;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;

import io.contrastream.learning.network.Node;
import org.bytedeco.dnnl.batch_normalization_backward;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.eltwise_backward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.memory;

/** Primitives that {@link OneDnnConvolution} runs backwards for one size of batch. */
final class ConvolutionBackward {

    /** The gradient in front of the ReLU that is behind the residual sum; null without one. */
    final Primitive rectify;

    final Primitive normalize;
    final WeightGradient weightGradient;
    /** Weights → their layout in {@link #convolve}, of {@link #weightValues} floats; null where the input is the images. */
    final Primitive arrange;

    final long weightValues;
    /** The gradient of the input; null where the input is the images. */
    final Primitive convolve;

    ConvolutionBackward(ConvolutionShape shape, ConvolutionForward forward) {
        OneDnn oneDnn = shape.oneDnn();
        memory.desc out = shape.out();
        rectify = shape.rectified() && shape.shortcut() ? rectify(oneDnn, out) : null;
        normalize = normalize(shape, forward);
        weightGradient = new WeightGradient(shape, forward);
        if (shape.images()) {
            arrange = null;
            weightValues = 0;
            convolve = null;
        } else {
            convolution_backward_data.primitive_desc ofInput =
                    shape.fastest(algorithm -> ofInput(shape, algorithm, forward));
            arrange = Primitive.reorder(oneDnn, shape.plainWeights(), shape.filledUp(ofInput.weights_desc()));
            weightValues = OneDnn.values(ofInput.weights_desc());
            convolve = new Primitive(oneDnn, "convolution_backward_data", new convolution_backward_data(ofInput))
                    .takes(DNNL_ARG_DIFF_DST, out)
                    .takes(DNNL_ARG_WEIGHTS, ofInput.weights_desc())
                    .takes(DNNL_ARG_DIFF_SRC, shape.in());
        }
    }

    private static Primitive rectify(OneDnn oneDnn, memory.desc out) {
        eltwise_forward.primitive_desc hint = new eltwise_forward.primitive_desc(
                new eltwise_forward.desc(dnnl_forward_training, dnnl_eltwise_relu_use_dst_for_bwd, out, 0, 0),
                oneDnn.cpu());
        eltwise_backward.primitive_desc relu = new eltwise_backward.primitive_desc(
                new eltwise_backward.desc(dnnl_eltwise_relu_use_dst_for_bwd, out, out, 0, 0), oneDnn.cpu(), hint);
        return new Primitive(oneDnn, "eltwise_backward", new eltwise_backward(relu))
                .takes(DNNL_ARG_DST, out)
                .takes(DNNL_ARG_DIFF_DST, out)
                .takes(DNNL_ARG_DIFF_SRC, out);
    }

    private static Primitive normalize(ConvolutionShape shape, ConvolutionForward forward) {
        OneDnn oneDnn = shape.oneDnn();
        memory.desc out = shape.out();
        batch_normalization_backward.primitive_desc norm = new batch_normalization_backward.primitive_desc(
                new batch_normalization_backward.desc(
                        dnnl_backward, out, out, (float) Node.BatchNorm.EPSILON, ConvolutionForward.normFlags(shape)),
                oneDnn.cpu(),
                forward.norm);
        Primitive primitive = new Primitive(
                        oneDnn, "batch_normalization_backward", new batch_normalization_backward(norm))
                .takes(DNNL_ARG_SRC, out)
                .takes(DNNL_ARG_DIFF_DST, out)
                .takes(DNNL_ARG_DIFF_SRC, out)
                .takes(DNNL_ARG_MEAN, forward.norm.mean_desc())
                .takes(DNNL_ARG_VARIANCE, forward.norm.variance_desc())
                .takes(DNNL_ARG_SCALE_SHIFT, forward.norm.weights_desc())
                .takes(DNNL_ARG_DIFF_SCALE_SHIFT, forward.norm.weights_desc());
        return shape.normRectifies() ? primitive.takes(DNNL_ARG_WORKSPACE, forward.norm.workspace_desc()) : primitive;
    }

    private static convolution_backward_data.primitive_desc ofInput(
            ConvolutionShape shape, int algorithm, ConvolutionForward forward) {
        return new convolution_backward_data.primitive_desc(
                new convolution_backward_data.desc(
                        algorithm,
                        shape.in(),
                        shape.weights(),
                        shape.out(),
                        shape.strides(),
                        shape.padding(),
                        shape.padding()),
                shape.oneDnn().cpu(),
                forward.convolution);
    }
}
