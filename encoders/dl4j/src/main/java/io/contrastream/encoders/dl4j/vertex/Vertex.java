package io.contrastream.encoders.dl4j.vertex;

import io.contrastream.encoders.dl4j.array.Kernels;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.graph.vertex.BaseGraphVertex;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A node of the running graph. What DL4J has for masks and layers does not apply. */
public abstract class Vertex extends BaseGraphVertex {

    /** Operations in the graph's layout. */
    protected final Kernels kernels;

    protected Vertex(VertexSite site) {
        super(site.graph(), site.name(), site.index(), null, null, site.type());
        this.kernels = site.kernels();
    }

    @Override
    public boolean hasLayer() {
        return false;
    }

    @Override
    public boolean isOutputVertex() {
        return false;
    }

    @Override
    public Layer getLayer() {
        return null;
    }

    @Override
    public void setBackpropGradientsViewArray(INDArray view) {
        // No parameters, no gradients.
    }

    @Override
    public Pair<INDArray, MaskState> feedForwardMaskArrays(INDArray[] masks, MaskState state, int batchSize) {
        return null;
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + " " + vertexName;
    }
}
