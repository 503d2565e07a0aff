package io.contrastream.encoders.dl4j;

/** How feature maps lie in memory. Weights are [out, in, kH, kW] in both. */
enum Layout {
    /** Channels last: what oneDNN's convolutions are fastest with on a CPU. */
    NHWC(1, 3),
    /** Channels first: what cuDNN's backward convolution wants. */
    NCHW(0, 1);

    private final int code;
    private final int channelAxis;

    Layout(int code, int channelAxis) {
        this.code = code;
        this.channelAxis = channelAxis;
    }

    /** ND4J's number for it in the arguments of its operations. */
    int code() {
        return code;
    }

    /** Axis of the channels. */
    int channelAxis() {
        return channelAxis;
    }

    /** Shape of n maps of c channels, h rows and w columns. */
    long[] shape(long n, long c, long h, long w) {
        return this == NHWC ? new long[] {n, h, w, c} : new long[] {n, c, h, w};
    }

    long channels(long[] shape) {
        return shape[channelAxis];
    }

    long height(long[] shape) {
        return shape[this == NHWC ? 1 : 2];
    }

    long width(long[] shape) {
        return shape[this == NHWC ? 2 : 3];
    }
}
