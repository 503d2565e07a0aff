package io.contrastream.encoders.dl4j.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_direct;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_winograd;

import io.contrastream.learning.network.Node;
import java.util.function.IntFunction;
import org.bytedeco.dnnl.memory;
import org.bytedeco.javacpp.LongPointer;

/**
 * Shape of a convolution block, which its primitives are made for.
 *
 * @param node the convolution
 * @param in layout of x; the zeros that fill up its last block are channels, since no direct kernel takes fewer than a block has
 * @param out layout of the output
 * @param rectified whether a ReLU ends the block
 * @param shortcut whether it has a residual sum
 * @param images whether x is the images, which need no gradient
 */
record ConvolutionShape(
        OneDnn oneDnn,
        Node.Convolution node,
        memory.desc in,
        memory.desc out,
        boolean rectified,
        boolean shortcut,
        boolean images) {

    /** Whether the ReLU is part of the batch normalisation's primitive. */
    boolean normRectifies() {
        return rectified && !shortcut;
    }

    /** The images as ND4J has them. */
    memory.desc floats() {
        LongPointer dims = in.dims();
        return oneDnn.plain(dims.get(0), dims.get(1), dims.get(2), dims.get(3));
    }

    /** Weights as ND4J has them. */
    memory.desc plainWeights() {
        return oneDnn.plain(node.out(), node.in(), node.kernel(), node.kernel());
    }

    /** Weights as a primitive likes them best, for as many channels as {@link #in} has. */
    memory.desc weights() {
        return oneDnn.any(node.out(), in.dims().get(1), node.kernel(), node.kernel());
    }

    /** Their gradient, likewise; it is single precision. */
    memory.desc weightGradient() {
        return oneDnn.anyFloats(node.out(), in.dims().get(1), node.kernel(), node.kernel());
    }

    /** The same memory for the channels that there are; what fills it up is 0, and so adds nothing. */
    memory.desc filledUp(memory.desc weights) {
        memory.desc ofChannels = new memory.desc(weights.data());
        ofChannels.data().dims().put(1, node.in());
        return ofChannels;
    }

    long[] strides() {
        return new long[] {node.stride(), node.stride()};
    }

    long[] padding() {
        return new long[] {node.padding(), node.padding()};
    }

    /**
     * Makes a primitive with Winograd's algorithm (Lavin and Gray 2016, arXiv 1509.09308) where oneDNN has it, which takes
     * less than half the time, else with the direct one. For the few channels of images the direct one is the faster.
     */
    <T> T fastest(IntFunction<T> make) {
        if (!images) {
            try {
                return make.apply(dnnl_convolution_winograd);
            } catch (RuntimeException unsupported) {
                // For the processor, the kernel or the stride.
            }
        }
        return make.apply(dnnl_convolution_direct);
    }
}
