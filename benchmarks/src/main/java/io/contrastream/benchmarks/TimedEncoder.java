package io.contrastream.benchmarks;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.FeatureLoss;
import io.contrastream.learning.encoder.ForwardingEncoder;

/** An encoder that sums up how long training and embedding take. */
final class TimedEncoder extends ForwardingEncoder {

    private long nanos;

    TimedEncoder(Encoder encoder) {
        super(encoder);
    }

    /** Time spent so far inside of {@link #train} and {@link #embed}. */
    long nanos() {
        return nanos;
    }

    @Override
    public float[] embed(float[] images, int n) {
        long start = System.nanoTime();
        float[] embeddings = super.embed(images, n);
        nanos += System.nanoTime() - start;
        return embeddings;
    }

    @Override
    public float train(float[] views, int[] labels, FeatureLoss featureLoss, double rate) {
        long start = System.nanoTime();
        float loss = super.train(views, labels, featureLoss, rate);
        nanos += System.nanoTime() - start;
        return loss;
    }
}
