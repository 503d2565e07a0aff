package io.contrastream.encoders.torch;

import io.contrastream.learning.network.Node;
import org.bytedeco.pytorch.LongArrayRefOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * A convolution.
 *
 * @param first whether it is the network's first, whose input needs no gradient
 */
record ConvolutionOperation(Node.Convolution node, Weights weights, boolean first) implements Operation {

    private static final long[] ONE = {1, 1};
    private static final long[] ZERO = {0, 0};
    /** Of AVX-512. */
    private static final int MOST_FLOATS_OF_A_REGISTER = 16;

    private String weight() {
        return node.name() + ".weight";
    }

    @Override
    public Tensor forward(Tape tape) {
        return torch.convolution(
                tape.output(node.input()),
                weights.multiplied(weight()),
                new TensorOptional(),
                both(node.stride()),
                both(node.padding()),
                ONE,
                false,
                ZERO,
                1);
    }

    @Override
    public void backward(Tape tape, Tensor gradient) {
        Tensor input = tape.output(node.input());
        Tensor weightGradient;
        if (overrunsWorkspace()) {
            // What a kernel of one pixel skips has no part in the gradient: without it the stride is 1.
            Tensor seen = everyStride(everyStride(input, 2), 3);
            weightGradient = gradients(gradient, seen, ONE, false, true).get1();
            if (!first) {
                tape.give(
                        node.input(),
                        new Tensor(gradients(gradient, input, both(node.stride()), true, false)
                                .get0()));
            }
        } else {
            T_TensorTensorTensor_T gradients = gradients(gradient, input, both(node.stride()), !first, true);
            weightGradient = gradients.get1();
            if (!first) {
                tape.give(node.input(), new Tensor(gradients.get0()));
            }
        }
        tape.keepFor(weight(), weightGradient);
    }

    private T_TensorTensorTensor_T gradients(
            Tensor gradient, Tensor input, long[] stride, boolean ofInput, boolean ofWeights) {
        return torch.convolution_backward(
                gradient,
                input,
                weights.multiplied(weight()),
                new LongArrayRefOptional(),
                stride,
                both(node.padding()),
                ONE,
                false,
                ZERO,
                1,
                Native.flags(ofInput, ofWeights, false));
    }

    /**
     * Whether oneDNN's gradient of the weights writes behind its workspace: with a kernel of one pixel, a stride, channels last and
     * fewer input channels than a register has floats; seen with AVX2 (8 floats), where the process crashes or hangs.
     */
    private boolean overrunsWorkspace() {
        return node.kernel() == 1 && node.stride() > 1 && node.in() < MOST_FLOATS_OF_A_REGISTER;
    }

    private Tensor everyStride(Tensor images, long dimension) {
        return images.slice(dimension, new LongOptional(), new LongOptional(), node.stride());
    }

    private static long[] both(int axis) {
        return new long[] {axis, axis};
    }
}
