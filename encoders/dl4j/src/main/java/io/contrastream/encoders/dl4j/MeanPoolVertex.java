package io.contrastream.encoders.dl4j;

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
        long channels = kernels.layout().channels(in);
        INDArray out = Scratch.forward(workspaces, dataType).result(in[0], channels);
        kernels.meanPool(inputs[0], out.reshape('c', kernels.layout().shape(in[0], channels, 1, 1)));
        return out;
    }

    @Override
    public Pair<Gradient, INDArray[]> doBackward(boolean truncated, LayerWorkspaceMgr workspaces) {
        long[] in = inputs[0].shape();
        long channels = kernels.layout().channels(in);
        INDArray dx = Scratch.backward(workspaces, dataType).result(in);
        kernels.meanPoolBackward(
                inputs[0], epsilon.reshape('c', kernels.layout().shape(in[0], channels, 1, 1)), dx);
        return new Pair<>(null, new INDArray[] {dx});
    }
}
