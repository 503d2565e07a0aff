package io.contrastream.encoders.torch;

import io.contrastream.learning.network.Node;
import org.bytedeco.pytorch.Tensor;

/**
 * A sum.
 *
 * @param inPlace whether it may write over its left input
 */
record AddOperation(Node.Add node, boolean inPlace) implements Operation {

    @Override
    public Tensor forward(Tape tape) {
        Tensor left = tape.output(node.left());
        Tensor right = tape.output(node.right());
        if (inPlace) {
            left.add_(right);
            return new Tensor(left);
        }
        return left.add(right);
    }

    @Override
    public void backward(Tape tape, Tensor gradient) {
        tape.share(node.left(), gradient);
        tape.share(node.right(), gradient);
    }
}
