package io.contrastream.encoders.parity;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.FeatureLoss;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.network.EncoderSpec;

/** An encoder with a defect: it tells the loss of the labels, and steps along the gradient of others, of which one in eight differs. */
record WrongGradient(Encoder engine) implements Encoder {

    @Override
    public EncoderSpec spec() {
        return engine.spec();
    }

    @Override
    public TrainingOptions training() {
        return engine.training();
    }

    @Override
    public float[] embed(float[] images, int n) {
        return engine.embed(images, n);
    }

    @Override
    public float train(float[] views, int[] labels, FeatureLoss featureLoss, double rate) {
        EncoderState before = engine.state();
        float loss = engine.train(views, labels, featureLoss, rate);
        engine.load(before);
        int[] others = labels.clone();
        for (int view = 0; view < others.length; view += 8) {
            others[view]++;
        }
        engine.train(views, others, featureLoss, rate);
        return loss;
    }

    @Override
    public EncoderState state() {
        return engine.state();
    }

    @Override
    public void load(EncoderState state) {
        engine.load(state);
    }

    @Override
    public void close() {
        engine.close();
    }
}
