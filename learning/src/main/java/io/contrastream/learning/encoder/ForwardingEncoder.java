package io.contrastream.learning.encoder;

import io.contrastream.learning.network.EncoderSpec;
import java.util.Optional;
import java.util.OptionalLong;

/** Passes every call on to another encoder: what decorators extend, so that none forgets a method. */
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
    public String device() {
        return encoder.device();
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
    public void announce(float[] views) {
        encoder.announce(views);
    }

    @Override
    public Optional<SkippedStep> skippedStep() {
        return encoder.skippedStep();
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
    public OptionalLong peakDeviceBytes() {
        return encoder.peakDeviceBytes();
    }

    @Override
    public void close() {
        encoder.close();
    }
}
