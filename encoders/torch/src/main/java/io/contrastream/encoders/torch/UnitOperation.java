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
        Tensor x = tape.output(node.input());
        return x.div(norms(x));
    }

    /** Divisors of the rows, [N, 1]. */
    static Tensor norms(Tensor x) {
        return x.norm(new ScalarOptional(new Scalar(2f)), new long[] {1}, true)
                .clamp_min(new Scalar(Node.L2Normalize.EPSILON));
    }

    @Override
    public void backward(Tape tape, Tensor gradient) {
        tape.give(node.input(), tangent(tape.output(node.name()), norms(tape.output(node.input())), gradient));
    }

    /** dx of dz. */
    static Tensor tangent(Tensor z, Tensor norms, Tensor gradient) {
        Tensor along = z.mul(gradient).sum(new long[] {1}, true, Native.noType()); // [N, 1]
        along.mul_(norms.gt(new Scalar(Node.L2Normalize.EPSILON)));
        return gradient.sub(z.mul(along)).div_(norms);
    }
}
