package io.contrastream.encoders.torch;

import io.contrastream.learning.network.Node;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A maximum over windows. */
record MaxPoolOperation(Node.MaxPool node) implements Operation {

    private static final long[] ONE = {1, 1};

    @Override
    public Tensor forward(Tape tape) {
        T_TensorTensor_T result = torch.max_pool2d_with_indices(
                tape.output(node.input()), both(node.kernel()), both(node.stride()), both(node.padding()), ONE, false);
        if (tape.training()) {
            tape.save(node.name(), new Tensor(result.get1())); // where the maximum was
        }
        return new Tensor(result.get0());
    }

    @Override
    public void backward(Tape tape, Tensor gradient) {
        tape.give(
                node.input(),
                torch.max_pool2d_with_indices_backward(
                        gradient,
                        tape.output(node.input()),
                        both(node.kernel()),
                        both(node.stride()),
                        both(node.padding()),
                        ONE,
                        false,
                        tape.saved(node.name(), 0)));
    }

    private static long[] both(int axis) {
        return new long[] {axis, axis};
    }
}
