package io.contrastream.jobs;

import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.encoder.FeatureLoss;
import io.contrastream.learning.encoder.ForwardingEncoder;
import io.contrastream.learning.encoder.ReferenceEngine;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.network.EncoderSpec;

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
            public float train(float[] views, int[] labels, FeatureLoss featureLoss, double rate) {
                return Float.NaN;
            }
        };
    }
}
