package io.contrastream.encoders.parity;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.FeatureLoss;
import io.contrastream.learning.encoder.ForwardingEncoder;

/** An encoder with a defect: it tells the loss of the labels, and steps along the gradient of others, of which one in eight differs. */
final class WrongGradient extends ForwardingEncoder {

    WrongGradient(Encoder engine) {
        super(engine);
    }

    @Override
    public float train(float[] views, int[] labels, FeatureLoss featureLoss, double rate) {
        EncoderState before = state();
        float loss = super.train(views, labels, featureLoss, rate);
        load(before);
        int[] others = labels.clone();
        for (int view = 0; view < others.length; view += 8) {
            others[view]++;
        }
        super.train(views, others, featureLoss, rate);
        return loss;
    }
}
