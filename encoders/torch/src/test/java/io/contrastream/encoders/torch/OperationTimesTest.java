package io.contrastream.encoders.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.encoders.parity.Objectives;
import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OperationTimesTest {

    private static final EncoderSpec SPEC = new EncoderSpec(
            Architecture.RESNET18_SLIM, Stem.IMAGENET, 4, new ImageShape(3, 32, 32), 8, Normalization.CIFAR100);

    @Test
    void whatIsDoneUnderObservationIsTimedByItsKind() {
        TorchEngine engine = new TorchEngine();
        try (Encoder encoder = engine.create(
                SPEC, new TrainingOptions(OptimizerOptions.sgd(0.01, 0, 0), 0.1), new DeviceOptions("cpu", 1, 0), 1)) {
            StepInput input =
                    StepInput.plain(SPEC.input(), new byte[4 * SPEC.input().size()], new int[4]);
            Objectives.train(encoder, input);

            long start = System.nanoTime();
            Map<String, Duration> times = engine.operationTimes(() -> Objectives.train(encoder, input));
            long whole = System.nanoTime() - start;

            assertThat(times)
                    .containsOnlyKeys(
                            "Add",
                            "Add backward",
                            "BatchNorm",
                            "BatchNorm backward",
                            "Convolution",
                            "Convolution backward",
                            "GlobalAveragePool",
                            "GlobalAveragePool backward",
                            "L2Normalize",
                            "L2Normalize backward",
                            "Linear",
                            "Linear backward",
                            "MaxPool",
                            "MaxPool backward",
                            "Normalize",
                            "Relu",
                            "Relu backward",
                            "loss",
                            "optimizer",
                            "views");
            assertThat(times.values()).allSatisfy(time -> assertThat(time).isPositive());
            assertThat(times.values().stream().mapToLong(Duration::toNanos).sum())
                    .isLessThanOrEqualTo(whole);
            assertThat(engine.operationTimes(() -> {})).isEmpty();
        }
    }
}
