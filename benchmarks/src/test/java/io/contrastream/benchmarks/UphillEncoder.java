package io.contrastream.benchmarks;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.FeatureLoss;
import io.contrastream.learning.encoder.ForwardingEncoder;
import io.contrastream.learning.network.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * An encoder whose loss has the other sign: every step is taken the other way. With plain gradient descent w' = w - r g, so
 * w + r g = 2 w - w'. Running statistics are as the step leaves them.
 */
final class UphillEncoder extends ForwardingEncoder {

    UphillEncoder(Encoder engine) {
        super(engine);
    }

    @Override
    public float train(float[] views, int[] labels, FeatureLoss featureLoss, double rate) {
        EncoderState before = state();
        float loss = super.train(views, labels, featureLoss, rate);
        EncoderState after = state();
        if (!after.optimizerSlots().isEmpty() || training().averages()) {
            throw new IllegalStateException("the way of one step cannot be told from the weights with this optimiser");
        }
        List<Tensor> parameters = new ArrayList<>();
        for (int i = 0; i < before.parameters().size(); i++) {
            parameters.add(turned(before.parameters().get(i), after.parameters().get(i)));
        }
        load(new EncoderState(after.fingerprint(), after.step(), parameters, after.optimizerSlots()));
        return loss;
    }

    private static Tensor turned(Tensor before, Tensor after) {
        if (after.name().contains("running_")) {
            return after;
        }
        float[] values = new float[after.values().length];
        for (int i = 0; i < values.length; i++) {
            values[i] = 2 * before.values()[i] - after.values()[i];
        }
        return new Tensor(after.name(), after.shape(), values);
    }
}
