package io.contrastream.encoders.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.encoders.parity.JavaProcess;
import io.contrastream.encoders.parity.Objectives;
import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderMemoryException;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

/** A process has one limit for as long as it lives, so each is a process of its own. */
class MemoryLimitTest {

    @Test
    void aProcessBeyondItsLimitIsToldSoAndHasRoomAgainWhenTheEncoderIsClosed() throws Exception {
        assertThat(JavaProcess.run(List.of("-Xmx256m"), OverTheLimit.class))
                .contains("not enough memory for training on", "fits again");
    }

    /** Trains on what takes more than the limit, and then with a new encoder on little. */
    static final class OverTheLimit {

        private static final long LIMIT = 900L << 20;
        private static final int VIEWS = 440;
        private static final ImageShape SHAPE = new ImageShape(3, 32, 32);

        private OverTheLimit() {}

        public static void main(String[] arguments) {
            try (Encoder encoder = encoder()) {
                for (int step = 0; step < 4; step++) {
                    train(encoder, VIEWS);
                }
                throw new AssertionError("the limit did not hold: " + Pointer.physicalBytes() + " bytes");
            } catch (EncoderMemoryException e) {
                System.out.println(e.getMessage());
            }
            try (Encoder encoder = encoder()) {
                train(encoder, 8);
                System.out.println("fits again");
            }
        }

        private static void train(Encoder encoder, int views) {
            Objectives.train(encoder, StepInput.plain(SHAPE, new byte[views * SHAPE.size()], new int[views]));
        }

        private static Encoder encoder() {
            EncoderSpec spec = EncoderSpec.of(Architecture.RESNET18_SLIM, Stem.CIFAR, SHAPE, Normalization.CIFAR100);
            return new Dl4jEngine()
                    .create(
                            spec,
                            new TrainingOptions(OptimizerOptions.sgd(0.1, 0, 0), 0.1),
                            new DeviceOptions("cpu", 2, LIMIT),
                            1);
        }
    }
}
