package io.contrastream.encoders.dl4j.vertex;

import io.contrastream.encoders.dl4j.array.Kernels;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Place of a vertex in the graph, given to it when the graph is initialised.
 *
 * @param graph that it is part of
 * @param name of the vertex
 * @param index of the vertex in the graph
 * @param parameters its part of the graph's flat parameters, or null if it has none
 * @param type float or double
 * @param kernels operations in the graph's layout
 */
public record VertexSite(
        ComputationGraph graph, String name, int index, INDArray parameters, DataType type, Kernels kernels) {}
