package io.contrastream.encoders.torch;

import io.contrastream.learning.network.Node;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A batch normalisation with the statistics of all replicas' views, a share s_r of which replica r has, N rows in all:
 *
 * <pre>
 *   m = Σ_r s_r m_r,  v = Σ_r s_r (v_r + (m_r − m)²),  x̂ = (x − m) / √(v + ε),  y = w x̂ + b
 *   dw = Σ_r Σ dy x̂,  db = Σ_r Σ dy,  dx = w / √(v + ε) (dy − db / N − x̂ dw / N)
 * </pre>
 *
 * <p>Outside of a step of replicas it is that of this one alone.
 */
record SharedNormOperation(Node.BatchNorm node, Weights weights, Replica replica, BatchNormOperation alone)
        implements Operation {

    private static final double ALL_OF_THE_BATCH = 1;

    SharedNormOperation(Node.BatchNorm node, Weights weights, Replica replica) {
        this(node, weights, replica, new BatchNormOperation(node, weights));
    }

    private Tensor weight() {
        return weights.values().view(node.name() + ".weight");
    }

    @Override
    public Tensor forward(Tape tape) {
        if (!tape.training() || !replica.normsTogether()) {
            return alone.forward(tape);
        }
        Tensor x = tape.output(node.input());
        Tensor mean = weights.observed().view(node.name() + ".running_mean");
        Tensor variance = weights.observed().view(node.name() + ".running_var");
        T_TensorTensor_T own =
                torch.batch_norm_update_stats(x, Native.optional(mean), Native.optional(variance), ALL_OF_THE_BATCH);
        Tensor all = replica.stack(torch.stack(new TensorVector(own.get0(), own.get1()), 0))
                .toType(ScalarType.Double); // [R, 2, C]
        Tensor shares = replica.shares().unsqueeze(1); // [R, 1]
        Tensor means = all.select(1, 0); // [R, C]
        Tensor m = sumOfRows(means.mul(shares)); // [C]
        Tensor v = sumOfRows(all.select(1, 1).add(means.sub(m).square()).mul(shares));
        mean.copy_(m);
        variance.copy_(v);
        Tensor center = mean.clone();
        Tensor spread = variance.clone();
        double rows = rows(x);
        variance.mul_(new Scalar(rows / (rows - 1)));
        tape.save(node.name(), center);
        tape.save(node.name(), spread);
        return normalize(x, weight(), weights.values().view(node.name() + ".bias"), center, spread);
    }

    private static Tensor sumOfRows(Tensor matrix) {
        return matrix.sum(new long[] {0}, false, Native.noType());
    }

    /** Rows of all replicas. */
    private double rows(Tensor x) {
        return Math.rint((double) x.numel() / x.size(1) * replica.times());
    }

    private static Tensor normalize(Tensor x, Tensor weight, Tensor bias, Tensor mean, Tensor variance) {
        return new Tensor(torch.native_batch_norm(
                        x,
                        Native.optional(weight),
                        Native.optional(bias),
                        Native.optional(mean),
                        Native.optional(variance),
                        false,
                        0,
                        Node.BatchNorm.EPSILON)
                .get0());
    }

    @Override
    public void backward(Tape tape, Tensor gradient) {
        if (!replica.normsTogether()) {
            alone.backward(tape, gradient);
            return;
        }
        Tensor x = tape.output(node.input());
        Tensor mean = tape.saved(node.name(), 0);
        Tensor variance = tape.saved(node.name(), 1);
        // As with running statistics: without what follows from x being part of the statistics.
        T_TensorTensorTensor_T gradients = torch.native_batch_norm_backward(
                gradient,
                x,
                Native.optional(weight()),
                Native.optional(mean),
                Native.optional(variance),
                new TensorOptional(),
                new TensorOptional(),
                false,
                Node.BatchNorm.EPSILON,
                Native.flags(true, true, true));
        Tensor ofWeight = gradients.get1();
        Tensor ofBias = gradients.get2();
        weights.gradients().view(node.name() + ".weight").copy_(ofWeight);
        weights.gradients().view(node.name() + ".bias").copy_(ofBias);
        Tensor all = replica.sum(torch.stack(new TensorVector(ofWeight, ofBias), 0)); // [2, C]
        Tensor deviation = variance.add(new Scalar(Node.BatchNorm.EPSILON)).sqrt();
        // w / √(v + ε) (db / N + x̂ dw / N), which is a normalisation too
        Tensor factor = weight().div(deviation).div_(new Scalar(rows(x))); // [C]
        Tensor rest =
                normalize(x, all.select(0, 0).mul(factor), all.select(0, 1).mul(factor), mean, variance);
        tape.give(node.input(), new Tensor(gradients.get0()).sub_(rest));
    }
}
