package io.contrastream.encoders.torch;

import io.contrastream.learning.network.Node;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A batch normalisation and what follows it alone: relu(normalised + residual), or less of it.
 *
 * @param name of the last of its nodes
 * @param residual name of the node whose output is added, or null
 * @param relu whether negative values are cut off; always where there is a residual
 * @param inPlace whether it may write over its input where there is no way back
 */
record FusedNormOperation(
        Node.BatchNorm node,
        String name,
        String residual,
        boolean relu,
        boolean inPlace,
        Weights weights,
        Kernels kernels)
        implements Operation {

    FusedNormOperation {
        if (residual != null && !relu) {
            throw new IllegalArgumentException(name + " has a residual and no ReLU behind it");
        }
    }

    private Tensor weight() {
        return weights.values().view(node.name() + ".weight");
    }

    private Tensor bias() {
        return weights.values().view(node.name() + ".bias");
    }

    private static Tensor mean(FlatTensor statistics, Node.BatchNorm node) {
        return statistics.view(node.name() + ".running_mean");
    }

    private static Tensor variance(FlatTensor statistics, Node.BatchNorm node) {
        return statistics.view(node.name() + ".running_var");
    }

    @Override
    public Tensor forward(Tape tape) {
        Tensor x = Native.channelsLast(tape.output(node.input()));
        Tensor added = residual == null ? null : Native.channelsLast(tape.output(residual));
        if (tape.training()) {
            Tensor statistics =
                    kernels.statistics(x, mean(weights.observed(), node), variance(weights.observed(), node));
            tape.save(name, statistics);
            Tensor y = torch.empty_like(x);
            kernels.normalize(x, statistics, weight(), bias(), added, relu, y);
            return y;
        }
        Tensor y = inPlace ? new Tensor(x) : torch.empty_like(x);
        kernels.normalize(
                x, mean(weights.running(), node), variance(weights.running(), node), weight(), bias(), added, relu, y);
        return y;
    }

    @Override
    public boolean takesParts() {
        return true;
    }

    @Override
    public void backward(Tape tape, Tensor gradient) {
        Tensor first = Native.channelsLast(gradient);
        Tensor second =
                tape.parts(name) == 2 ? Native.channelsLast(tape.part(name, 1).gradient()) : null;
        boolean own = tape.part(name, 0).own()
                || first.data_ptr().address() != gradient.data_ptr().address();
        Tensor x = Native.channelsLast(tape.output(node.input()));
        Tensor y = residual == null ? null : Native.channelsLast(tape.output(name));
        Tensor statistics = tape.saved(name, 0);
        // Written where the way back needs it again: for the residual, or because it is a sum.
        Tensor masked = residual == null && second == null ? null : own ? new Tensor(first) : torch.empty_like(first);
        Tensor reduced = kernels.reduce(
                first,
                second,
                x,
                y,
                relu,
                masked,
                statistics,
                weight(),
                bias(),
                weights.gradients().view(node.name() + ".weight"),
                weights.gradients().view(node.name() + ".bias"));
        Tensor source = masked == null ? first : masked;
        boolean over = residual == null && (own || masked != null);
        Tensor ofX = over ? new Tensor(source) : torch.empty_like(source);
        kernels.backward(source, x, relu && masked == null, statistics, weight(), bias(), reduced, ofX);
        tape.give(node.input(), ofX);
        if (residual != null) {
            tape.give(residual, masked);
        }
    }
}
