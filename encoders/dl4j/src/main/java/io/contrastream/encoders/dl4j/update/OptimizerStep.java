package io.contrastream.encoders.dl4j.update;

import io.contrastream.learning.encoder.OptimizerOptions;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;

/** Turns the flat gradient into what is subtracted from the flat parameters. Its slots are views that it was made with. */
abstract class OptimizerStep implements GradientUpdater<UpdateRule> {

    private final UpdateRule rule;

    OptimizerStep(UpdateRule rule) {
        this.rule = rule;
    }

    final OptimizerOptions options() {
        return rule.options();
    }

    @Override
    public final UpdateRule getConfig() {
        return rule;
    }

    @Override
    public final void setState(Map<String, INDArray> state, boolean initialize) {
        throw new UnsupportedOperationException("slots are views of one flat array");
    }

    @Override
    public final Map<String, INDArray> getState() {
        throw new UnsupportedOperationException("slots are views of one flat array");
    }

    @Override
    public final void setStateViewArray(INDArray view, long[] shape, char order, boolean initialize) {
        throw new UnsupportedOperationException("slots are views of one flat array");
    }
}
