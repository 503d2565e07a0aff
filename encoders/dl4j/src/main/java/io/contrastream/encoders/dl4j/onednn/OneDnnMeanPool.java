package io.contrastream.encoders.dl4j.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;
import static org.bytedeco.dnnl.global.dnnl.dnnl_pooling_avg_include_padding;

import io.contrastream.encoders.dl4j.array.Scratch;
import io.contrastream.encoders.dl4j.vertex.Vertex;
import io.contrastream.encoders.dl4j.vertex.VertexSite;
import org.bytedeco.dnnl.memory;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The vertex of {@code MeanPoolVertex}'s equation on oneDNN; with it, feature maps leave oneDNN's layout and become single precision. */
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

    /**
     * @param widen to single precision, and {@code narrow} back; null where it is that already
     */
    private record Primitives(
            Primitive widen, PoolPrimitives pooling, Primitive toRows, Primitive fromRows, Primitive narrow) {}

    private Primitives plan(Plans.Batch batch) {
        long[] in = inputs[0].shape();
        memory.desc maps = oneDnn.blocked(batch.n(), channels, in[2], in[3]);
        memory.desc wide = oneDnn.blockedFloats(batch.n(), channels, in[2], in[3]);
        memory.desc out = oneDnn.blockedFloats(batch.n(), channels, 1, 1);
        memory.desc rows = oneDnn.plain(batch.n(), channels, 1, 1);
        PoolPrimitives pooling = new PoolPrimitives(
                oneDnn,
                dnnl_pooling_avg_include_padding,
                wide,
                out,
                new long[] {1, 1},
                new long[] {in[2], in[3]},
                new long[] {0, 0},
                batch.training());
        return new Primitives(
                oneDnn.half() ? Primitive.reorder(oneDnn, maps, wide) : null,
                pooling,
                Primitive.reorder(oneDnn, out, rows),
                Primitive.reorder(oneDnn, rows, out),
                oneDnn.half() ? Primitive.reorder(oneDnn, wide, maps) : null);
    }

    @Override
    public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
        Scratch scratch = Scratch.forward(workspaces, dataType);
        long n = inputs[0].size(0);
        Primitives primitives = plans.of(n, training);
        INDArray means = scratch.temporary(n, oneDnn.padded(channels));
        INDArray out = scratch.result(n, channels);
        INDArray maps = inputs[0];
        if (primitives.widen() != null) {
            maps = scratch.temporary(inputs[0].shape());
            primitives
                    .widen()
                    .with(DNNL_ARG_FROM, inputs[0])
                    .with(DNNL_ARG_TO, maps)
                    .run();
        }
        primitives
                .pooling()
                .pool
                .with(DNNL_ARG_SRC, maps)
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
        INDArray dx = scratch.of(oneDnn.maps()).result(inputs[0].shape());
        INDArray wide = primitives.narrow() == null ? dx : scratch.temporary(inputs[0].shape());
        primitives
                .fromRows()
                .with(DNNL_ARG_FROM, epsilon)
                .with(DNNL_ARG_TO, gradient)
                .run();
        primitives
                .pooling()
                .poolBack
                .with(DNNL_ARG_DIFF_DST, gradient)
                .with(DNNL_ARG_DIFF_SRC, wide)
                .run();
        if (primitives.narrow() != null) {
            primitives.narrow().with(DNNL_ARG_FROM, wide).with(DNNL_ARG_TO, dx).run();
        }
        return new Pair<>(null, new INDArray[] {dx});
    }
}
