package io.contrastream.encoders.torch;

import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.OptimizerOptions.Kind;
import io.contrastream.learning.network.ParameterSpec;
import io.contrastream.learning.network.Tensor;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * An optimiser of PyTorch's semantics. g is the gradient plus λ times the parameter, t counts from 1:
 *
 * <pre>
 *   SGD (dampening 0, no Nesterov)     b ← μ b + g                  (b = g at the first step, since b starts at 0)
 *                                      x ← x − η b
 *   Adam (Kingma and Ba 2015)          m ← m + (1 − β₁) (g − m)
 *                                      v ← β₂ v + (1 − β₂) g²
 *                                      x ← x − η / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)
 * </pre>
 */
final class Optimizer implements AutoCloseable {

    private final OptimizerOptions options;
    private final List<ParameterSpec> parameters;
    private final FlatTensor values;
    private final FlatTensor gradients;
    private final Map<String, FlatTensor> slots = new LinkedHashMap<>();

    /** @param parameters in the order of values and gradients, which stay their owner's to close */
    Optimizer(
            OptimizerOptions options,
            List<ParameterSpec> parameters,
            FlatTensor values,
            FlatTensor gradients,
            Target target) {
        this.options = options;
        this.parameters = parameters;
        this.values = values;
        this.gradients = gradients;
        for (String slot : options.slots()) {
            slots.put(slot, new FlatTensor(parameters, target.device(), ScalarType.Float));
        }
    }

    /**
     * Moves the values along their gradients, which it uses up.
     *
     * @param rate what the learning rate is multiplied by
     */
    void update(long step, double rate) {
        org.bytedeco.pytorch.Tensor x = values.flat();
        org.bytedeco.pytorch.Tensor g = gradients.flat();
        if (options.weightDecay() > 0) {
            g.add_(x, new Scalar(options.weightDecay()));
        }
        if (options.kind() == Kind.ADAM) {
            adam(x, g, step, rate);
        } else {
            x.add_(momentum(g), new Scalar(-rate * options.learningRateAt(step)));
        }
    }

    private org.bytedeco.pytorch.Tensor momentum(org.bytedeco.pytorch.Tensor g) {
        return options.momentum() == 0
                ? g
                : slots.get("momentum_buffer")
                        .flat()
                        .mul_(new Scalar(options.momentum()))
                        .add_(g);
    }

    private void adam(org.bytedeco.pytorch.Tensor x, org.bytedeco.pytorch.Tensor g, long step, double factor) {
        double t = step + 1.0;
        org.bytedeco.pytorch.Tensor m = slots.get("exp_avg").flat();
        org.bytedeco.pytorch.Tensor v = slots.get("exp_avg_sq").flat();
        m.lerp_(g, new Scalar(1 - options.beta1()));
        v.mul_(new Scalar(options.beta2())).addcmul_(g, g, new Scalar(1 - options.beta2()));
        double rootOfCorrection = Math.sqrt(1 - Math.pow(options.beta2(), t));
        org.bytedeco.pytorch.Tensor root = v.sqrt();
        root.div_(new Scalar(rootOfCorrection)).add_(new Scalar(options.epsilon()));
        double rate = factor * options.learningRateAt(step) / (1 - Math.pow(options.beta1(), t));
        x.addcdiv_(m, root, new Scalar(-rate));
    }

    /** Its slots. */
    Collection<FlatTensor> slots() {
        return slots.values();
    }

    /** A copy of what it remembers, in canonical form; nothing before the first step. */
    List<Tensor> read(long step) {
        return step == 0
                ? List.of()
                : slots.entrySet().stream()
                        .flatMap(slot -> slot.getValue().read(slot.getKey() + "/").stream())
                        .toList();
    }

    /** Takes over what an optimiser of the same options remembers. */
    void write(List<Tensor> tensors) {
        int size = parameters.size();
        int from = 0;
        for (FlatTensor slot : slots.values()) {
            if (tensors.isEmpty()) {
                slot.flat().zero_();
            } else {
                slot.write(tensors.subList(from, from + size));
                from += size;
            }
        }
    }

    @Override
    public void close() {
        slots.values().forEach(FlatTensor::close);
    }
}
