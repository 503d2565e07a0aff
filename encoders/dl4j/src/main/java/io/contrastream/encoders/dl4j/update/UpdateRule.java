package io.contrastream.encoders.dl4j.update;

import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.OptimizerOptions.Kind;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * An optimiser of PyTorch's semantics as DL4J takes it. Equal rules are applied to all parameters in one pass.
 *
 * @param options which and how
 */
public record UpdateRule(OptimizerOptions options) implements IUpdater {

    /** Weight decay: λ · parameter is added to the gradient before the optimiser sees it. */
    public List<Regularization> regularization() {
        return options.weightDecay() == 0 ? List.of() : List.of(new L2Regularization(options.weightDecay()));
    }

    /** PyTorch's names of what the optimiser remembers of every parameter, in the order in which it lies in memory. */
    public List<String> slots() {
        return options.slots();
    }

    @Override
    public long stateSize(long parameters) {
        return slots().size() * parameters;
    }

    @Override
    public GradientUpdater<?> instantiate(INDArray slots, boolean initialize) {
        if (initialize && slots != null) {
            slots.assign(0);
        }
        return options.kind() == Kind.ADAM ? new AdamStep(this, slots) : new SgdStep(this, slots);
    }

    @Override
    public GradientUpdater<?> instantiate(Map<String, INDArray> slots, boolean initialize) {
        throw new UnsupportedOperationException("slots are views of one flat array");
    }

    @Override
    public double getLearningRate(int step, int epoch) {
        return options.learningRateAt(step);
    }

    @Override
    public boolean hasLearningRate() {
        return true;
    }

    @Override
    public void setLrAndSchedule(double learningRate, ISchedule schedule) {
        throw new UnsupportedOperationException("the options' schedule is the only one");
    }

    @Override
    @SuppressWarnings("MethodDoesntCallSuperMethod")
    public IUpdater clone() {
        return this;
    }
}
