package io.contrastream.encoders.dl4j;

import io.contrastream.encoders.dl4j.array.Kernels;
import io.contrastream.encoders.dl4j.vertex.Vertex;
import io.contrastream.encoders.dl4j.vertex.VertexSite;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The entry of a vertex in the graph's configuration: how many parameters it has and how it is made. Immutable. */
final class VertexDefinition extends GraphVertex {

    private final int inputs;
    private final long parameters;
    private final Kernels kernels;
    private final Function<VertexSite, Vertex> vertex;

    VertexDefinition(int inputs, long parameters, Kernels kernels, Function<VertexSite, Vertex> vertex) {
        this.inputs = inputs;
        this.parameters = parameters;
        this.kernels = kernels;
        this.vertex = vertex;
    }

    @Override
    public org.deeplearning4j.nn.graph.vertex.GraphVertex instantiate(
            ComputationGraph graph, String name, int index, INDArray view, boolean initialize, DataType type) {
        return vertex.apply(new VertexSite(graph, name, index, view, type, kernels));
    }

    @Override
    public long numParams(boolean backprop) {
        return parameters;
    }

    @Override
    public int minVertexInputs() {
        return inputs;
    }

    @Override
    public int maxVertexInputs() {
        return inputs;
    }

    @Override
    public GraphVertex clone() {
        return this;
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    @Override
    public InputType getOutputType(int index, InputType... types) {
        throw new UnsupportedOperationException("shapes are those of the network description");
    }

    @Override
    public MemoryReport getMemoryReport(InputType... types) {
        throw new UnsupportedOperationException("no estimate of memory");
    }
}
