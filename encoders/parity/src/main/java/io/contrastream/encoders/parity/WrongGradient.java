package io.contrastream.encoders.parity;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.ForwardingEncoder;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.StepRate;
import io.contrastream.learning.encoder.StepResult;
import io.contrastream.learning.objective.Objective;

/** An encoder with a defect: it tells the loss of the labels, and steps along the gradient of others, of which one in eight differs. */
final class WrongGradient extends ForwardingEncoder {

    WrongGradient(Encoder engine) {
        super(engine);
    }

    @Override
    public StepResult train(StepInput input, Objective objective, StepRate rate) {
        EncoderState before = state();
        StepResult result = super.train(input, objective, rate);
        load(before);
        int[] others = input.labels().clone();
        for (int image = 0; image < others.length; image += 8) {
            others[image]++;
        }
        super.train(new StepInput(input.shape(), input.images(), others, input.views()), objective, rate);
        return result;
    }
}
