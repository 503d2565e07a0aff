package io.contrastream.encoders.dl4j;

import io.contrastream.encoders.dl4j.vertex.RunningStatistics;
import java.util.Map;
import java.util.SortedMap;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;

/**
 * A network description as DL4J takes it.
 *
 * @param configuration of the graph
 * @param losses of the outputs that it ends in, by the names of the outputs, in the graph's order
 * @param embedding vertex whose output is the embedding before it is brought to unit length
 * @param projection vertex whose output is the projection before it is brought to unit length
 * @param statistics running statistics by the name of the batch normalisation
 */
record GraphPlan(
        ComputationGraphConfiguration configuration,
        SortedMap<String, TapLoss> losses,
        String embedding,
        String projection,
        Map<String, RunningStatistics> statistics) {}
