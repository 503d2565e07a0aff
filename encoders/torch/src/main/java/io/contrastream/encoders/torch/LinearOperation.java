package io.contrastream.encoders.torch;

import io.contrastream.learning.network.Node;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** x Wᵀ + b. */
record LinearOperation(Node.Linear node, Weights weights) implements Operation {

    @Override
    public Tensor forward(Tape tape) {
        return torch.linear(
                tape.output(node.input()),
                weights.values().view(node.name() + ".weight"),
                Native.optional(weights.values().view(node.name() + ".bias")));
    }

    @Override
    public void backward(Tape tape, Tensor gradient) {
        tape.give(node.input(), gradient.mm(weights.values().view(node.name() + ".weight")));
        weights.gradients().view(node.name() + ".weight").copy_(gradient.t().mm(tape.output(node.input())));
        weights.gradients().view(node.name() + ".bias").copy_(gradient.sum(0));
    }
}
