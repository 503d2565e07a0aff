package io.contrastream.encoders.dl4j.nd4j;

import io.contrastream.encoders.dl4j.array.Scratch;
import io.contrastream.encoders.dl4j.vertex.Vertex;
import io.contrastream.encoders.dl4j.vertex.VertexSite;
import io.contrastream.learning.network.Node;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/** out = max over a window of x; dx = dout where the maximum was. */
final class MaxPoolVertex extends Vertex {

    private final Node.MaxPool pool;

    MaxPoolVertex(VertexSite site, Node.MaxPool pool) {
        super(site);
        this.pool = pool;
    }

    @Override
    public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
        long[] in = inputs[0].shape();
        INDArray out = Scratch.forward(workspaces, dataType).result(in[0], in[1], pool.size(in[2]), pool.size(in[3]));
        kernels.maxPool(inputs[0], out, pool.kernel(), pool.stride(), pool.padding());
        return out;
    }

    @Override
    public Pair<Gradient, INDArray[]> doBackward(boolean truncated, LayerWorkspaceMgr workspaces) {
        INDArray dx = Scratch.backward(workspaces, dataType).result(inputs[0].shape());
        kernels.maxPoolBackward(inputs[0], epsilon, dx, pool.kernel(), pool.stride(), pool.padding());
        return new Pair<>(null, new INDArray[] {dx});
    }
}
