package io.contrastream.encoders.torch;

import io.contrastream.encoders.memory.RefusedMemory;
import io.contrastream.learning.encoder.Collective;
import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.encoder.ReplicatedEncoder;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.network.EncoderSpec;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Encoders on LibTorch: on a CPU, and on a GPU where its CUDA build is on the class path. */
public final class TorchEngine implements EncoderEngine {

    private final OperationTimes times = new OperationTimes();

    @Override
    public String name() {
        return "torch";
    }

    @Override
    public Encoder create(EncoderSpec spec, TrainingOptions training, DeviceOptions device, long seed) {
        Target target = Target.start(device);
        try {
            return new TorchEncoder(spec, training, target, seed, times);
        } catch (OutOfMemoryError | RuntimeException e) {
            throw RefusedMemory.failure(e, "the weights", spec);
        }
    }

    @Override
    public ReplicatedEncoder create(
            EncoderSpec spec,
            TrainingOptions training,
            DeviceOptions device,
            long seed,
            Collective collective,
            boolean syncBatchNorm) {
        Target target = Target.start(device);
        try {
            return TorchEncoder.replica(spec, training, target, seed, times, collective, syncBatchNorm);
        } catch (OutOfMemoryError | RuntimeException e) {
            throw RefusedMemory.failure(e, "the weights", spec);
        }
    }

    @Override
    public Map<String, Duration> operationTimes(Runnable work) {
        return times.of(work);
    }

    @Override
    public Optional<Launches> launches(Runnable work) {
        return Optional.of(times.count(work));
    }
}
