package io.contrastream.encoders.torch;

import io.contrastream.learning.network.Node;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** A batch normalisation. In training it leaves the statistics of the batch beside the running ones, which it does not touch. */
record BatchNormOperation(Node.BatchNorm node, Weights weights) implements Operation {

    /** With it, LibTorch's running statistics become those of the batch. */
    private static final double ALL_OF_THE_BATCH = 1;

    private TensorOptional weight() {
        return Native.optional(weights.values().view(node.name() + ".weight"));
    }

    @Override
    public Tensor forward(Tape tape) {
        FlatTensor statistics = tape.training() ? weights.observed() : weights.running();
        T_TensorTensorTensor_T result = torch.native_batch_norm(
                tape.output(node.input()),
                weight(),
                Native.optional(weights.values().view(node.name() + ".bias")),
                Native.optional(statistics.view(node.name() + ".running_mean")),
                Native.optional(statistics.view(node.name() + ".running_var")),
                tape.training(),
                ALL_OF_THE_BATCH,
                Node.BatchNorm.EPSILON);
        if (tape.training()) {
            tape.save(node.name(), new Tensor(result.get1())); // mean
            tape.save(node.name(), new Tensor(result.get2())); // 1 / standard deviation
        }
        return new Tensor(result.get0());
    }

    @Override
    public void backward(Tape tape, Tensor gradient) {
        T_TensorTensorTensor_T gradients = torch.native_batch_norm_backward(
                gradient,
                tape.output(node.input()),
                weight(),
                new TensorOptional(),
                new TensorOptional(),
                Native.optional(tape.saved(node.name(), 0)),
                Native.optional(tape.saved(node.name(), 1)),
                true,
                Node.BatchNorm.EPSILON,
                Native.flags(true, true, true));
        tape.give(node.input(), new Tensor(gradients.get0()));
        weights.gradients().view(node.name() + ".weight").copy_(gradients.get1());
        weights.gradients().view(node.name() + ".bias").copy_(gradients.get2());
    }
}
