package io.contrastream.learning.encoder;

import java.io.Serializable;
import java.util.List;
import java.util.Locale;

/**
 * The optimiser, with the semantics of PyTorch's {@code torch.optim.SGD} (dampening 0, no Nesterov) and
 * {@code torch.optim.Adam}: weight decay is added to the gradient, and reaches every trained parameter.
 *
 * @param kind which
 * @param learningRate the full one, above 0
 * @param schedule share of it that each step takes
 * @param momentum of SGD, in [0, 1); 0 for none
 * @param beta1 decay of Adam's first moment, in [0, 1)
 * @param beta2 decay of Adam's second moment, in [0, 1)
 * @param epsilon of Adam, above 0
 * @param weightDecay at least 0
 */
public record OptimizerOptions(
        Kind kind,
        double learningRate,
        LearningRateSchedule schedule,
        double momentum,
        double beta1,
        double beta2,
        double epsilon,
        double weightDecay)
        implements Serializable {

    /** @throws IllegalArgumentException naming the value and its range if one is out of it */
    public OptimizerOptions {
        require(learningRate > 0 && Double.isFinite(learningRate), "learning rate", learningRate, "above 0");
        require(momentum >= 0 && momentum < 1, "momentum", momentum, "in [0, 1)");
        require(beta1 >= 0 && beta1 < 1, "beta1", beta1, "in [0, 1)");
        require(beta2 >= 0 && beta2 < 1, "beta2", beta2, "in [0, 1)");
        require(epsilon > 0 && Double.isFinite(epsilon), "epsilon", epsilon, "above 0");
        require(weightDecay >= 0 && Double.isFinite(weightDecay), "weight decay", weightDecay, "at least 0");
    }

    public static OptimizerOptions sgd(double learningRate, double momentum, double weightDecay) {
        return new OptimizerOptions(
                Kind.SGD, learningRate, LearningRateSchedule.CONSTANT, momentum, 0.9, 0.999, 1e-8, weightDecay);
    }

    public static OptimizerOptions adam(double learningRate, double weightDecay) {
        return new OptimizerOptions(
                Kind.ADAM, learningRate, LearningRateSchedule.CONSTANT, 0, 0.9, 0.999, 1e-8, weightDecay);
    }

    /** Learning rate of the optimiser step after {@code step} earlier ones. */
    public double learningRateAt(long step) {
        return learningRate * schedule.factorAt(step);
    }

    /** PyTorch's names of what the optimiser remembers of every trained parameter. */
    public List<String> slots() {
        if (kind == Kind.ADAM) {
            return List.of("exp_avg", "exp_avg_sq");
        }
        return momentum == 0 ? List.of() : List.of("momentum_buffer");
    }

    static void require(boolean valid, String what, Number value, String allowed) {
        if (!valid) {
            throw new IllegalArgumentException(what + " must be " + allowed + ", but is " + value);
        }
    }

    /** The optimisers. */
    public enum Kind {
        SGD,
        ADAM;

        /** Its name in options: {@code sgd}, {@code adam}. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
