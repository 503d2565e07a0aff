package io.contrastream.encoders.dl4j;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;
import static org.bytedeco.dnnl.global.dnnl.dnnl_pooling_avg_include_padding;

import org.bytedeco.dnnl.memory;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The vertex of {@link MeanPoolVertex}'s equation on oneDNN; with it, feature maps leave oneDNN's layout. */
final class OneDnnMeanPool extends Vertex {

    private final OneDnn oneDnn;
    private final int channels;
    private final Plans<Primitives> plans = new Plans<>(this::plan);

    OneDnnMeanPool(VertexSite site, OneDnn oneDnn, int channels) {
        super(site);
        this.oneDnn = oneDnn;
        this.channels = channels;
        oneDnn.owns(plans);
    }

    private record Primitives(PoolPrimitives pooling, Primitive toRows, Primitive fromRows) {}

    private Primitives plan(Plans.Batch batch) {
        long[] in = inputs[0].shape();
        memory.desc out = oneDnn.blocked(batch.n(), channels, 1, 1);
        memory.desc rows = oneDnn.plain(batch.n(), channels, 1, 1);
        PoolPrimitives pooling = new PoolPrimitives(
                oneDnn,
                dnnl_pooling_avg_include_padding,
                oneDnn.blocked(batch.n(), channels, in[2], in[3]),
                out,
                new long[] {1, 1},
                new long[] {in[2], in[3]},
                new long[] {0, 0},
                batch.training());
        return new Primitives(pooling, Primitive.reorder(oneDnn, out, rows), Primitive.reorder(oneDnn, rows, out));
    }

    @Override
    public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
        Scratch scratch = Scratch.forward(workspaces, dataType);
        long n = inputs[0].size(0);
        Primitives primitives = plans.of(n, training);
        INDArray means = scratch.temporary(n, oneDnn.padded(channels));
        INDArray out = scratch.result(n, channels);
        primitives
                .pooling()
                .pool
                .with(DNNL_ARG_SRC, inputs[0])
                .with(DNNL_ARG_DST, means)
                .run();
        primitives.toRows().with(DNNL_ARG_FROM, means).with(DNNL_ARG_TO, out).run();
        return out;
    }

    @Override
    public Pair<Gradient, INDArray[]> doBackward(boolean truncated, LayerWorkspaceMgr workspaces) {
        Scratch scratch = Scratch.backward(workspaces, dataType);
        long n = inputs[0].size(0);
        Primitives primitives = plans.of(n, true);
        INDArray gradient = scratch.temporary(n, oneDnn.padded(channels));
        INDArray dx = scratch.result(inputs[0].shape());
        primitives
                .fromRows()
                .with(DNNL_ARG_FROM, epsilon)
                .with(DNNL_ARG_TO, gradient)
                .run();
        primitives
                .pooling()
                .poolBack
                .with(DNNL_ARG_DIFF_DST, gradient)
                .with(DNNL_ARG_DIFF_SRC, dx)
                .run();
        return new Pair<>(null, new INDArray[] {dx});
    }
}
