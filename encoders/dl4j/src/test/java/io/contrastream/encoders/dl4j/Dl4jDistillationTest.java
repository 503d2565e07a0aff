package io.contrastream.encoders.dl4j;

import io.contrastream.encoders.dl4j.onednn.OneDnnVertices;
import io.contrastream.encoders.parity.DistillationTest;
import io.contrastream.encoders.parity.Probe;
import io.contrastream.encoders.parity.TestDevice;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.network.EncoderSpec;
import org.nd4j.linalg.api.buffer.DataType;

class Dl4jDistillationTest extends DistillationTest {

    @Override
    protected Probe open(EncoderSpec spec, TrainingOptions training, long seed) {
        NativeBackend.start(TestDevice.OPTIONS);
        return new Dl4jProbe(new Dl4jEncoder(spec, training, new OneDnnVertices(false), DataType.FLOAT, seed));
    }
}
