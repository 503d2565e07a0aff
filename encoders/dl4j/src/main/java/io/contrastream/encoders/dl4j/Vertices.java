package io.contrastream.encoders.dl4j;

import io.contrastream.learning.encoder.DeviceOptions.Precision;
import io.contrastream.learning.network.Node;

/** Makes the vertices that a device has kernels of its own for. */
interface Vertices extends AutoCloseable {

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

    /** Vertices of ND4J's operations, which every back end of ND4J has, in double precision too. */
    Vertices OPERATIONS = new Vertices() {
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

        @Override
        public void close() {
            // Nothing is kept.
        }
    };

    /**
     * Vertices of oneDNN's primitives: the fastest on a CPU.
     *
     * @param half whether feature maps are bf16, rather than single precision
     */
    static Vertices oneDnn(boolean half) {
        OneDnn oneDnn = new OneDnn(half);
        return new Vertices() {
            @Override
            public Precision precision() {
                return half ? Precision.BF16 : Precision.FLOAT32;
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
        };
    }
}
