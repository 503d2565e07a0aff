package io.contrastream.benchmarks;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.FeatureLoss;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.network.EncoderSpec;
import java.util.OptionalLong;

/** An encoder that sums up how long training and embedding take. */
final class TimedEncoder implements Encoder {

    private final Encoder encoder;
    private long nanos;

    TimedEncoder(Encoder encoder) {
        this.encoder = encoder;
    }

    /** Time spent so far inside of {@link #train} and {@link #embed}. */
    long nanos() {
        return nanos;
    }

    @Override
    public EncoderSpec spec() {
        return encoder.spec();
    }

    @Override
    public TrainingOptions training() {
        return encoder.training();
    }

    @Override
    public String device() {
        return encoder.device();
    }

    @Override
    public float[] embed(float[] images, int n) {
        long start = System.nanoTime();
        float[] embeddings = encoder.embed(images, n);
        nanos += System.nanoTime() - start;
        return embeddings;
    }

    @Override
    public void announce(float[] views) {
        encoder.announce(views);
    }

    @Override
    public float train(float[] views, int[] labels, FeatureLoss featureLoss, double rate) {
        long start = System.nanoTime();
        float loss = encoder.train(views, labels, featureLoss, rate);
        nanos += System.nanoTime() - start;
        return loss;
    }

    @Override
    public OptionalLong peakDeviceBytes() {
        return encoder.peakDeviceBytes();
    }

    @Override
    public EncoderState state() {
        return encoder.state();
    }

    @Override
    public void load(EncoderState state) {
        encoder.load(state);
    }

    @Override
    public void close() {
        encoder.close();
    }
}
