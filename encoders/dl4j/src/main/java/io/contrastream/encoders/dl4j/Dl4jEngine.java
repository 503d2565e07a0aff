package io.contrastream.encoders.dl4j;

import io.contrastream.encoders.dl4j.array.OperationTimes;
import io.contrastream.encoders.dl4j.nd4j.Nd4jVertices;
import io.contrastream.encoders.dl4j.onednn.OneDnnVertices;
import io.contrastream.encoders.memory.RefusedMemory;
import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.encoder.DeviceOptions.Precision;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.network.EncoderSpec;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.nd4j.linalg.api.buffer.DataType;

/** Encoders on DL4J: on a CPU with ND4J's native back end, on a GPU where its CUDA back end is on the class path instead. */
public final class Dl4jEngine implements EncoderEngine {

    @Override
    public String name() {
        return "dl4j";
    }

    @Override
    public Encoder create(EncoderSpec spec, TrainingOptions training, DeviceOptions device, long seed) {
        boolean gpu = NativeBackend.start(device);
        boolean half = device.precision() == Precision.BF16;
        try {
            return new Dl4jEncoder(
                    spec, training, gpu ? new Nd4jVertices() : new OneDnnVertices(half), DataType.FLOAT, seed);
        } catch (OutOfMemoryError | RuntimeException e) {
            throw RefusedMemory.failure(e, "the weights", spec);
        }
    }

    @Override
    public Map<String, Duration> operationTimes(Runnable work) {
        return OperationTimes.of(work);
    }

    @Override
    public Optional<Launches> launches(Runnable work) {
        return Optional.of(new Launches(OperationTimes.count(work), OptionalLong.empty()));
    }
}
