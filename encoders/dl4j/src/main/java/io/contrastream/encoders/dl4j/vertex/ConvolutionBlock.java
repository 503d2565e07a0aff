package io.contrastream.encoders.dl4j.vertex;

import io.contrastream.encoders.dl4j.update.UpdateRule;
import io.contrastream.learning.network.Node;
import io.contrastream.learning.network.ParameterSpec;
import java.util.List;

/** A vertex that does the work of a convolution, its batch normalisation, and the residual sum and the ReLU behind it. */
public abstract class ConvolutionBlock extends TrainedVertex {

    protected final Block block;
    protected final ParameterSpec weight;
    /** γ; β lies behind it in the flat arrays. */
    protected final ParameterSpec gamma;

    protected final ParameterSpec beta;

    protected ConvolutionBlock(VertexSite site, Block block, UpdateRule rule) {
        super(site, block.trained(), rule);
        this.block = block;
        this.weight = specs().get(0);
        this.gamma = specs().get(1);
        this.beta = specs().get(2);
    }

    /**
     * The nodes that are joined.
     *
     * @param convolution w
     * @param norm γ and β
     * @param rectified whether a ReLU is the last of them
     * @param images whether the input is the images, which need no gradient
     * @param running the running statistics
     */
    public record Block(
            Node.Convolution convolution,
            Node.BatchNorm norm,
            boolean rectified,
            boolean images,
            RunningStatistics running) {

        /** w, γ and β. */
        public List<ParameterSpec> trained() {
            return List.of(
                    convolution.parameters().get(0),
                    norm.parameters().get(0),
                    norm.parameters().get(1));
        }
    }

    /** Rows or columns of the output. */
    protected final long size(long side) {
        Node.Convolution convolution = block.convolution();
        return (side + 2L * convolution.padding() - convolution.kernel()) / convolution.stride() + 1;
    }
}
