package io.contrastream.encoders.torch;

import io.contrastream.learning.network.Node;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** (pixel − mean) / standard deviation, a channel; what comes out is of the activations' type. */
final class NormalizeOperation implements Operation, AutoCloseable {

    private final Node.Normalize node;
    private final Target target;
    private final Tensor mean;
    private final Tensor deviation;

    NormalizeOperation(Node.Normalize node, Target target) {
        this.node = node;
        this.target = target;
        try (PointerScope scope = new PointerScope()) {
            this.mean = Native.keep(perChannel(node.mean()));
            this.deviation = Native.keep(perChannel(node.standardDeviation()));
        }
    }

    private Tensor perChannel(List<Float> values) {
        Tensor channels = Native.zeros("cpu", ScalarType.Float, 1, values.size(), 1, 1);
        for (int channel = 0; channel < values.size(); channel++) {
            channels.data_ptr_float().put(channel, values.get(channel));
        }
        return Native.to(channels, target.device(), ScalarType.Float);
    }

    @Override
    public Tensor forward(Tape tape) {
        Tensor x = tape.output(node.input()).sub(mean); // [N, C, H, W]
        x.div_(deviation);
        return x.toType(target.activations());
    }

    @Override
    public void backward(Tape tape, Tensor gradient) {
        throw new AssertionError("images have no gradient");
    }

    @Override
    public void close() {
        mean.close();
        deviation.close();
    }
}
