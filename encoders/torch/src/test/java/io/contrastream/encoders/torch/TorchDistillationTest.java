package io.contrastream.encoders.torch;

import io.contrastream.encoders.parity.DistillationTest;
import io.contrastream.encoders.parity.Probe;
import io.contrastream.encoders.parity.TestDevice;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.network.EncoderSpec;

class TorchDistillationTest extends DistillationTest {

    @Override
    protected Probe open(EncoderSpec spec, TrainingOptions training, long seed) {
        return new TorchProbe(
                new TorchEncoder(spec, training, Target.start(TestDevice.OPTIONS), seed, new OperationTimes()));
    }
}
