package io.contrastream.encoders.torch;

import io.contrastream.learning.network.Node;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The mean over height and width. What comes after it is in single precision. */
record MeanPoolOperation(Node.GlobalAveragePool node) implements Operation {

    private static final long[] AREA = {2, 3};

    @Override
    public Tensor forward(Tape tape) {
        return tape.output(node.input()).mean(AREA, false, new ScalarTypeOptional(ScalarType.Float)); // [N, C]
    }

    @Override
    public void backward(Tape tape, Tensor gradient) {
        Tensor x = tape.output(node.input()); // [N, C, H, W]
        Tensor dx = gradient.div(new Scalar((float) (x.size(2) * x.size(3))))
                .unsqueeze(2)
                .unsqueeze(3);
        tape.give(
                node.input(),
                Native.channelsLast(dx.toType(x.scalar_type()).expand(x.size(0), x.size(1), x.size(2), x.size(3))));
    }
}
