package io.contrastream.benchmarks.continual;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.ForwardingEncoder;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.StepRate;
import io.contrastream.learning.encoder.StepResult;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.objective.Objective;
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
    public StepResult train(StepInput input, Objective objective, StepRate rate) {
        EncoderState before = state();
        StepResult result = super.train(input, objective, rate);
        EncoderState after = state();
        if (!after.optimizerSlots().isEmpty() || training().averages()) {
            throw new IllegalStateException("the way of one step cannot be told from the weights with this optimiser");
        }
        List<Tensor> parameters = new ArrayList<>();
        for (int i = 0; i < before.parameters().size(); i++) {
            parameters.add(turned(before.parameters().get(i), after.parameters().get(i)));
        }
        load(new EncoderState(
                after.fingerprint(), after.step(), parameters, after.optimizerSlots(), List.of(), after.classifier()));
        return result;
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
