package io.contrastream.encoders.torch;

import io.contrastream.learning.network.Node;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * Rows brought to unit length:
 *
 * <pre>
 *   z = x / max(‖x‖, ε),   dx = (dz − z (z·dz)) / ‖x‖,   or dz / ε where ‖x‖ ≤ ε
 * </pre>
 */
record UnitOperation(Node.L2Normalize node) implements Operation {

    @Override
    public Tensor forward(Tape tape) {
        return tape.output(node.input()).div(norms(tape));
    }

    private Tensor norms(Tape tape) {
        return tape.output(node.input())
                .norm(new ScalarOptional(new Scalar(2f)), new long[] {1}, true) // [N, 1]
                .clamp_min(new Scalar(Node.L2Normalize.EPSILON));
    }

    @Override
    public void backward(Tape tape, Tensor gradient) {
        Tensor z = tape.output(node.name());
        Tensor norms = norms(tape);
        Tensor along = z.mul(gradient).sum(new long[] {1}, true, Native.noType()); // [N, 1]
        along.mul_(norms.gt(new Scalar(Node.L2Normalize.EPSILON)));
        tape.give(node.input(), gradient.sub(z.mul(along)).div_(norms));
    }
}
