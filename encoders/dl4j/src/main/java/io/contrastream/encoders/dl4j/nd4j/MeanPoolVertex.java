package io.contrastream.encoders.dl4j.nd4j;

import io.contrastream.encoders.dl4j.array.Scratch;
import io.contrastream.encoders.dl4j.vertex.Vertex;
import io.contrastream.encoders.dl4j.vertex.VertexSite;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/** out = mean of x over H and W, [N, C]; dx = dout / (H · W). */
final class MeanPoolVertex extends Vertex {

    MeanPoolVertex(VertexSite site) {
        super(site);
    }

    @Override
    public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
        long[] in = inputs[0].shape();
        INDArray out = Scratch.forward(workspaces, dataType).result(in[0], in[1]);
        kernels.meanPool(inputs[0], out.reshape('c', in[0], in[1], 1, 1));
        return out;
    }

    @Override
    public Pair<Gradient, INDArray[]> doBackward(boolean truncated, LayerWorkspaceMgr workspaces) {
        long[] in = inputs[0].shape();
        INDArray dx = Scratch.backward(workspaces, dataType).result(in);
        kernels.meanPoolBackward(inputs[0], epsilon.reshape('c', in[0], in[1], 1, 1), dx);
        return new Pair<>(null, new INDArray[] {dx});
    }
}
