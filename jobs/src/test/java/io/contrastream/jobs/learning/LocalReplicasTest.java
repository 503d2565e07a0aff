package io.contrastream.jobs.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.learning.augment.View;
import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.ReferenceEngine;
import io.contrastream.learning.encoder.ReplicaException;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.StepRate;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Network;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.objective.Objective;
import io.contrastream.learning.objective.SupCon;
import io.contrastream.operators.replica.LocalReplicas;
import io.contrastream.operators.replica.ReplicaOptions;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LocalReplicasTest {

    private static final ImageShape SHAPE = new ImageShape(3, 8, 8);
    private static final EncoderSpec SPEC =
            new EncoderSpec(Architecture.RESNET18_SLIM, Stem.CIFAR, 4, SHAPE, 16, Normalization.CIFAR100);
    private static final TrainingOptions TRAINING = new TrainingOptions(OptimizerOptions.sgd(0.01, 0, 0), 0.5);
    private static final Objective OBJECTIVE = new SupCon(Network.PROJECTION, 0.5, SupCon.Variant.OUT);
    private static final int STEPS = 3;

    @AfterEach
    void noneFails() {
        ReplicatedEngine.FAILS_AFTER.set(0);
    }

    @Test
    void theyComeToWhatOneComesTo() {
        List<float[]> alone = learned(new ReferenceEngine().create(SPEC, TRAINING, DeviceOptions.AUTO, 5));
        List<float[]> together = learned(start());
        assertThat(together).hasSameSizeAs(alone);
        for (int i = 0; i < alone.size(); i++) {
            // The views come in another order, and with them the terms of every sum.
            assertThat(together.get(i)).containsExactly(alone.get(i), within(1e-5f));
        }
    }

    @Test
    void theFirstOneFailsWithAnotherThatIsLost() {
        ReplicatedEngine.FAILS_AFTER.set(1);
        assertThatThrownBy(() -> learned(start()))
                .isInstanceOf(ReplicaException.class)
                .hasMessageContaining("replica 1 of 3");
    }

    @Test
    void oneLearnerIsNotSeveral() {
        assertThatThrownBy(() -> LocalReplicas.start(ReplicaOptions.ONE, OBJECTIVE, collective -> null))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static LocalReplicas start() {
        return LocalReplicas.start(
                new ReplicaOptions(3, true, Duration.ofSeconds(20)),
                OBJECTIVE,
                collective -> new ReplicatedEngine().create(SPEC, TRAINING, DeviceOptions.AUTO, 5, collective, true));
    }

    private static List<float[]> learned(Encoder encoder) {
        try (encoder) {
            for (int step = 0; step < STEPS; step++) {
                encoder.train(input(step), OBJECTIVE, StepRate.FULL);
            }
            return encoder.state().parameters().stream().map(Tensor::values).toList();
        }
    }

    /** Two plain views each of seven images of three classes. */
    private static StepInput input(int step) {
        int images = 7;
        byte[] pixels = new byte[images * SHAPE.size()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (i * (step + 3) % 251);
        }
        return new StepInput(
                SHAPE,
                pixels,
                IntStream.range(0, images).map(image -> image % 3).toArray(),
                IntStream.range(0, 2 * images)
                        .mapToObj(view -> View.plain(view % images, SHAPE))
                        .toList());
    }
}
