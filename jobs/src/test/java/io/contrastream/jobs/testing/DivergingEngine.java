package io.contrastream.jobs.testing;

import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.encoder.EncoderState;
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
        Encoder encoder = new ReferenceEngine().create(spec, training, device, seed);
        return new Encoder() {
            @Override
            public EncoderSpec spec() {
                return encoder.spec();
            }

            @Override
            public float[] embed(float[] images, int n) {
                return encoder.embed(images, n);
            }

            @Override
            public float train(float[] views, int[] labels) {
                return Float.NaN;
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
        };
    }
}
