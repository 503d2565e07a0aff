package io.contrastream.encoders.torch;

import io.contrastream.learning.network.Node;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * max(x, 0).
 *
 * @param inPlace whether it may write over its input
 */
record ReluOperation(Node.Relu node, boolean inPlace) implements Operation {

    @Override
    public Tensor forward(Tape tape) {
        Tensor x = tape.output(node.input());
        if (inPlace) {
            x.relu_();
            return new Tensor(x);
        }
        return x.relu();
    }

    @Override
    public void backward(Tape tape, Tensor gradient) {
        Tensor y = tape.output(node.name());
        Scalar zero = new Scalar(0f);
        if (tape.ownsGradient(node.name())) {
            torch.threshold_backward_out(gradient, gradient, y, zero);
            tape.give(node.input(), new Tensor(gradient));
        } else {
            tape.give(node.input(), torch.threshold_backward(gradient, y, zero));
        }
    }
}
