package io.contrastream.jobs.learning;

import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.encoder.ForwardingEncoder;
import io.contrastream.learning.encoder.ReferenceEngine;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.StepRate;
import io.contrastream.learning.encoder.StepResult;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.objective.Objective;

/** Its encoders never see a loss that is finite. */
public final class DivergingEngine implements EncoderEngine {

    @Override
    public String name() {
        return "diverging";
    }

    @Override
    public Encoder create(EncoderSpec spec, TrainingOptions training, DeviceOptions device, long seed) {
        return new ForwardingEncoder(new ReferenceEngine().create(spec, training, device, seed)) {
            @Override
            public StepResult train(StepInput input, Objective objective, StepRate rate) {
                return new StepResult(Float.NaN, false);
            }
        };
    }
}
