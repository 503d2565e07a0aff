package io.contrastream.encoders.dl4j.onednn;

import io.contrastream.encoders.dl4j.update.UpdateRule;
import io.contrastream.encoders.dl4j.vertex.ConvolutionBlock;
import io.contrastream.encoders.dl4j.vertex.Vertex;
import io.contrastream.encoders.dl4j.vertex.VertexSite;
import io.contrastream.encoders.dl4j.vertex.Vertices;
import io.contrastream.learning.encoder.DeviceOptions.Precision;
import io.contrastream.learning.network.Node;

/** Vertices of oneDNN's primitives: the fastest on a CPU. */
public final class OneDnnVertices implements Vertices {

    private final OneDnn oneDnn;

    /** @param half whether feature maps are bf16, rather than single precision */
    public OneDnnVertices(boolean half) {
        oneDnn = new OneDnn(half);
    }

    /** Whether the processor multiplies bf16: with AVX512-BF16, which a processor with AMX has too. */
    public static boolean multipliesHalf() {
        return OneDnn.multipliesHalf();
    }

    @Override
    public Precision precision() {
        return oneDnn.half() ? Precision.BF16 : Precision.FLOAT32;
    }

    @Override
    public Vertex convolution(VertexSite site, ConvolutionBlock.Block block, UpdateRule rule) {
        return new OneDnnConvolution(site, oneDnn, block, rule);
    }

    @Override
    public Vertex maxPool(VertexSite site, Node.MaxPool pool) {
        return new OneDnnMaxPool(site, oneDnn, pool);
    }

    @Override
    public Vertex meanPool(VertexSite site, int channels) {
        return new OneDnnMeanPool(site, oneDnn, channels);
    }

    @Override
    public void close() {
        oneDnn.close();
    }
}
