package io.contrastream.encoders.dl4j.vertex;

import io.contrastream.encoders.dl4j.update.UpdateRule;
import java.util.List;
import org.deeplearning4j.nn.api.TrainingConfig;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * How DL4J trains the parameters of a vertex: all by one rule.
 *
 * @param vertex its name
 * @param rule the optimiser
 */
record VertexTraining(String vertex, UpdateRule rule) implements TrainingConfig {

    @Override
    public String getLayerName() {
        return vertex;
    }

    @Override
    public List<Regularization> getRegularizationByParam(String parameter) {
        return rule.regularization();
    }

    @Override
    public boolean isPretrainParam(String parameter) {
        return false;
    }

    @Override
    public IUpdater getUpdaterByParam(String parameter) {
        return rule;
    }

    @Override
    public GradientNormalization getGradientNormalization() {
        return GradientNormalization.None;
    }

    @Override
    public double getGradientNormalizationThreshold() {
        return 0;
    }

    @Override
    public void setDataType(DataType type) {
        // The graph's own.
    }
}
