package io.contrastream.encoders.dl4j.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WORKSPACE;
import static org.bytedeco.dnnl.global.dnnl.dnnl_pooling_max;

import io.contrastream.encoders.dl4j.array.Scratch;
import io.contrastream.encoders.dl4j.vertex.Vertex;
import io.contrastream.encoders.dl4j.vertex.VertexSite;
import io.contrastream.learning.network.Node;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The vertex of {@code MaxPoolVertex}'s equation on oneDNN. */
final class OneDnnMaxPool extends Vertex {

    private final OneDnn oneDnn;
    private final Node.MaxPool pool;
    private final Plans<PoolPrimitives> plans = new Plans<>(this::plan);

    private PoolPrimitives primitives;
    private INDArray places;

    OneDnnMaxPool(VertexSite site, OneDnn oneDnn, Node.MaxPool pool) {
        super(site);
        this.oneDnn = oneDnn;
        this.pool = pool;
        oneDnn.owns(plans);
    }

    private PoolPrimitives plan(Plans.Batch batch) {
        long[] in = inputs[0].shape();
        return new PoolPrimitives(
                oneDnn,
                dnnl_pooling_max,
                oneDnn.blocked(batch.n(), in[1], in[2], in[3]),
                oneDnn.blocked(batch.n(), in[1], pool.size(in[2]), pool.size(in[3])),
                new long[] {pool.stride(), pool.stride()},
                new long[] {pool.kernel(), pool.kernel()},
                new long[] {pool.padding(), pool.padding()},
                batch.training());
    }

    @Override
    public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
        Scratch scratch = Scratch.forward(workspaces, dataType);
        long[] in = inputs[0].shape();
        INDArray out = scratch.of(oneDnn.maps()).result(in[0], in[1], pool.size(in[2]), pool.size(in[3]));
        primitives = plans.of(in[0], training);
        if (training) {
            places = scratch.result(primitives.placeValues);
            primitives.pool.with(DNNL_ARG_WORKSPACE, places);
        }
        primitives.pool.with(DNNL_ARG_SRC, inputs[0]).with(DNNL_ARG_DST, out).run();
        return out;
    }

    @Override
    public Pair<Gradient, INDArray[]> doBackward(boolean truncated, LayerWorkspaceMgr workspaces) {
        INDArray dx = Scratch.backward(workspaces, oneDnn.maps()).result(inputs[0].shape());
        primitives
                .poolBack
                .with(DNNL_ARG_DIFF_DST, epsilon)
                .with(DNNL_ARG_WORKSPACE, places)
                .with(DNNL_ARG_DIFF_SRC, dx)
                .run();
        return new Pair<>(null, new INDArray[] {dx});
    }

    @Override
    public void clear() {
        super.clear();
        places = null;
    }
}
