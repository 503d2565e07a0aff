package io.contrastream.encoders.dl4j.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_direct;

import io.contrastream.encoders.dl4j.array.Scratch;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.memory;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The gradient of a convolution's weights.
 *
 * <p>With AVX2 alone oneDNN has no kernel for feature maps in blocks where they are smaller than the weights' 3x3, and falls to
 * its reference, which takes a hundred times as long. There the feature maps are brought into the layout of one that it has.
 */
final class WeightGradient {

    private final Arrangement input;
    private final Arrangement output;
    private final Primitive correlate;
    private final Primitive collect;
    private final long values;

    WeightGradient(ConvolutionShape shape, ConvolutionForward forward) {
        convolution_backward_weights.primitive_desc made =
                shape.fastest(algorithm -> make(shape, shape.in(), shape.out(), algorithm, forward));
        if (made.impl_info_str().getString().startsWith("ref")) {
            OneDnn oneDnn = shape.oneDnn();
            made = make(
                    shape, oneDnn.anyLike(shape.in()), oneDnn.anyLike(shape.out()), dnnl_convolution_direct, forward);
        }
        input = new Arrangement(shape.oneDnn(), shape.in(), made.src_desc());
        output = new Arrangement(shape.oneDnn(), shape.out(), made.diff_dst_desc());
        memory.desc weights = made.diff_weights_desc();
        correlate = new Primitive(
                        shape.oneDnn(), "convolution_backward_weights", new convolution_backward_weights(made))
                .takes(DNNL_ARG_SRC, made.src_desc())
                .takes(DNNL_ARG_DIFF_DST, made.diff_dst_desc())
                .takes(DNNL_ARG_DIFF_WEIGHTS, weights);
        collect = Primitive.reorder(shape.oneDnn(), shape.filledUp(weights), shape.plainWeights());
        values = OneDnn.values(weights);
    }

    private static convolution_backward_weights.primitive_desc make(
            ConvolutionShape shape, memory.desc in, memory.desc out, int algorithm, ConvolutionForward forward) {
        return new convolution_backward_weights.primitive_desc(
                new convolution_backward_weights.desc(
                        algorithm, in, shape.weightGradient(), out, shape.strides(), shape.padding(), shape.padding()),
                shape.oneDnn().cpu(),
                forward.convolution);
    }

    /** Writes the gradient as ND4J has weights, from the convolution's input and the gradient of its output. */
    void write(INDArray gradient, INDArray x, INDArray dy, Scratch scratch) {
        INDArray dw = scratch.temporary(values);
        correlate
                .with(DNNL_ARG_SRC, input.of(x, scratch))
                .with(DNNL_ARG_DIFF_DST, output.of(dy, scratch))
                .with(DNNL_ARG_DIFF_WEIGHTS, dw)
                .run();
        collect.with(DNNL_ARG_FROM, dw).with(DNNL_ARG_TO, gradient).run();
    }

    /** Feature maps in another layout, where it is another. */
    private static final class Arrangement {

        private final Primitive reorder;
        private final long values;

        Arrangement(OneDnn oneDnn, memory.desc from, memory.desc to) {
            reorder = from.equals(to) ? null : Primitive.reorder(oneDnn, from, to);
            values = OneDnn.values(to);
        }

        INDArray of(INDArray maps, Scratch scratch) {
            if (reorder == null) {
                return maps;
            }
            INDArray arranged = scratch.temporary(values);
            reorder.with(DNNL_ARG_FROM, maps).with(DNNL_ARG_TO, arranged).run();
            return arranged;
        }
    }
}
