package io.contrastream.learning.encoder;

import io.contrastream.learning.network.EncoderSpec;

/** Another encoder under this name; for tests that change some of it. */
public class ForwardingEncoder implements Encoder {

    private final Encoder encoder;

    public ForwardingEncoder(Encoder encoder) {
        this.encoder = encoder;
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
    public float[] embed(float[] images, int n) {
        return encoder.embed(images, n);
    }

    @Override
    public float train(float[] views, int[] labels, FeatureLoss featureLoss, double rate) {
        return encoder.train(views, labels, featureLoss, rate);
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
