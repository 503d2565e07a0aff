package io.contrastream.encoders.torch;

import io.contrastream.learning.network.Node;
import org.bytedeco.pytorch.LongArrayRefOptional;
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
        T_TensorTensorTensor_T gradients = torch.convolution_backward(
                gradient,
                tape.output(node.input()),
                weights.multiplied(weight()),
                new LongArrayRefOptional(),
                both(node.stride()),
                both(node.padding()),
                ONE,
                false,
                ZERO,
                1,
                Native.flags(!first, true, false));
        if (!first) {
            tape.give(node.input(), new Tensor(gradients.get0()));
        }
        weights.gradients().view(weight()).copy_(gradients.get1());
    }

    private static long[] both(int axis) {
        return new long[] {axis, axis};
    }
}
