package io.contrastream.encoders.dl4j.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WORKSPACE;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_inference;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;
import static org.bytedeco.dnnl.global.dnnl.dnnl_pooling_max;

import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.pooling_backward;
import org.bytedeco.dnnl.pooling_forward;

/** A pool forwards and, in training, backwards for one size of batch. */
final class PoolPrimitives {

    final Primitive pool;
    /** Null outside training. */
    final Primitive poolBack;
    /** Floats of what the maxima's places take; 0 where there is nothing to remember. */
    final long placeValues;

    PoolPrimitives(
            OneDnn oneDnn,
            int algorithm,
            memory.desc in,
            memory.desc out,
            long[] strides,
            long[] kernel,
            long[] padding,
            boolean training) {
        pooling_forward.primitive_desc forward = new pooling_forward.primitive_desc(
                new pooling_forward.desc(
                        training ? dnnl_forward_training : dnnl_forward_inference,
                        algorithm,
                        in,
                        out,
                        strides,
                        kernel,
                        padding,
                        padding),
                oneDnn.cpu());
        pool = new Primitive(oneDnn, "pooling", new pooling_forward(forward))
                .takes(DNNL_ARG_SRC, in)
                .takes(DNNL_ARG_DST, out);
        if (!training) {
            poolBack = null;
            placeValues = 0;
            return;
        }
        poolBack = new Primitive(
                        oneDnn,
                        "pooling_backward",
                        new pooling_backward(new pooling_backward.primitive_desc(
                                new pooling_backward.desc(algorithm, in, out, strides, kernel, padding, padding),
                                oneDnn.cpu(),
                                forward)))
                .takes(DNNL_ARG_DIFF_DST, out)
                .takes(DNNL_ARG_DIFF_SRC, in);
        if (algorithm == dnnl_pooling_max) {
            placeValues = OneDnn.values(forward.workspace_desc());
            pool.takes(DNNL_ARG_WORKSPACE, forward.workspace_desc());
            poolBack.takes(DNNL_ARG_WORKSPACE, forward.workspace_desc());
        } else {
            placeValues = 0;
        }
    }
}
