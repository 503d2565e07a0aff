package io.contrastream.learning.encoder;

import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.objective.Objective;

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
    public DeviceOptions.Precision precision() {
        return encoder.precision();
    }

    @Override
    public boolean makesViews() {
        return encoder.makesViews();
    }

    @Override
    public long step() {
        return encoder.step();
    }

    @Override
    public float[] embed(float[] images, int n) {
        return encoder.embed(images, n);
    }

    @Override
    public void recalibrate(float[] images, int n) {
        encoder.recalibrate(images, n);
    }

    @Override
    public StepResult train(StepInput input, Objective objective, StepRate rate) {
        return encoder.train(input, objective, rate);
    }

    @Override
    public Gradients gradients(StepInput input, Objective objective) {
        return encoder.gradients(input, objective);
    }

    @Override
    public StepResult apply(Gradients gradients, StepRate rate) {
        return encoder.apply(gradients, rate);
    }

    @Override
    public Diagnostics diagnostics() {
        return encoder.diagnostics();
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
