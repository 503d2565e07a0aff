package io.contrastream.encoders.dl4j.vertex;

import io.contrastream.encoders.dl4j.update.UpdateRule;
import io.contrastream.learning.encoder.DeviceOptions.Precision;
import io.contrastream.learning.network.Node;

/** Makes the vertices that a device has kernels of its own for: those of ND4J's operations, or those of oneDNN's primitives. */
public interface Vertices extends AutoCloseable {

    /** The precision that convolutions multiply in; of no meaning where the graph's arrays are double precision. */
    default Precision precision() {
        return Precision.FLOAT32;
    }

    Vertex convolution(VertexSite site, ConvolutionBlock.Block block, UpdateRule rule);

    Vertex maxPool(VertexSite site, Node.MaxPool pool);

    /** @param channels of the input */
    Vertex meanPool(VertexSite site, int channels);

    @Override
    void close();
}
