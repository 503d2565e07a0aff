package io.contrastream.encoders.dl4j.nd4j;

import io.contrastream.encoders.dl4j.update.UpdateRule;
import io.contrastream.encoders.dl4j.vertex.ConvolutionBlock;
import io.contrastream.encoders.dl4j.vertex.Vertex;
import io.contrastream.encoders.dl4j.vertex.VertexSite;
import io.contrastream.encoders.dl4j.vertex.Vertices;
import io.contrastream.learning.network.Node;

/** Vertices of ND4J's operations, which every back end of ND4J has, in double precision too. */
public final class Nd4jVertices implements Vertices {

    @Override
    public Vertex convolution(VertexSite site, ConvolutionBlock.Block block, UpdateRule rule) {
        return new ConvolutionVertex(site, block, rule);
    }

    @Override
    public Vertex maxPool(VertexSite site, Node.MaxPool pool) {
        return new MaxPoolVertex(site, pool);
    }

    @Override
    public Vertex meanPool(VertexSite site, int channels) {
        return new MeanPoolVertex(site);
    }

    /**
     * A dense layer, which every device has from here.
     *
     * @param rectified whether a ReLU ends it
     */
    public static Vertex linear(VertexSite site, Node.Linear linear, boolean rectified, UpdateRule rule) {
        return new LinearVertex(site, linear, rectified, rule);
    }

    @Override
    public void close() {
        // Nothing is kept.
    }
}
