package io.contrastream.encoders.dl4j;

import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;

/**
 * A network description as DL4J takes it.
 *
 * @param configuration of the graph
 * @param loss of the projections that it ends in
 * @param featureLoss of the features, which it ends in too
 * @param embedding vertex whose output is the embedding before it is brought to unit length
 * @param projection vertex whose output is the projection before it is brought to unit length
 * @param statistics running statistics by the name of the batch normalisation
 */
record GraphPlan(
        ComputationGraphConfiguration configuration,
        SupConLoss loss,
        FeatureLossFunction featureLoss,
        String embedding,
        String projection,
        Map<String, RunningStatistics> statistics) {}
