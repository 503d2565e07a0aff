package io.contrastream.encoders.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.encoders.parity.JavaProcess;
import io.contrastream.encoders.parity.Objectives;
import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderMemoryException;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.StepRate;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

/** What the process takes, which no heap limit bounds. */
class MemoryTest {

    private static final EncoderSpec SPEC = new EncoderSpec(
            Architecture.RESNET18_SLIM, Stem.CIFAR, 8, new ImageShape(3, 8, 8), 8, Normalization.CIFAR100);
    private static final TrainingOptions TRAINING = new TrainingOptions(OptimizerOptions.adam(1e-3, 0), 0.1);
    private static final int VIEWS = 16;
    private static final int STEPS = 2000;
    private static final int FIRST_STEPS = 300;

    /**
     * A step makes hundreds of native objects, and its smallest activation has 4 KB: one that is lost in every step is seen. What the
     * JVM takes for itself is all there from the start.
     */
    @Test
    void aProcessThatLearnsDoesNotGrow() throws Exception {
        String grown = JavaProcess.run(
                        List.of(
                                "-Xms256m",
                                "-Xmx256m",
                                "-XX:+AlwaysPreTouch",
                                "-XX:+UseSerialGC",
                                // What the compiler of the JVM takes comes late and goes again.
                                "-XX:TieredStopAtLevel=1",
                                // What is not freed stays, rather than until the garbage collector finds it.
                                "-Dorg.bytedeco.javacpp.nopointergc=true"),
                        Learning.class)
                .strip()
                .lines()
                .reduce("", (before, line) -> line);

        assertThat(Long.parseLong(grown)).isLessThan(STEPS * 3_000L);
    }

    /** Prints by how many bytes the process grows in which it learns. */
    static final class Learning {

        private Learning() {}

        public static void main(String[] arguments) {
            byte[] pixels = new byte[VIEWS * SPEC.input().size()];
            int[] labels = new int[VIEWS];
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = (byte) (i % 97);
                labels[i % VIEWS] = i % 3;
            }
            StepInput input = StepInput.plain(SPEC.input(), pixels, labels);
            try (Encoder encoder = new TorchEngine().create(SPEC, TRAINING, new DeviceOptions("cpu", 1, 0), 1)) {
                use(encoder, input, FIRST_STEPS);
                long before = Pointer.physicalBytes();
                use(encoder, input, STEPS);
                System.out.println(Pointer.physicalBytes() - before);
            }
        }
    }

    @Test
    void aLimitIsKeptToWithinOneOperation() throws Exception {
        assertThat(JavaProcess.run(List.of("-Xmx256m"), OverTheLimit.class))
                .contains("not enough memory", "within bounds", "fits again");
    }

    /** Trains on ever more views until the limit is reached, and then on few again. */
    static final class OverTheLimit {

        private static final long LIMIT = 900L << 20;
        private static final ImageShape LARGE = new ImageShape(3, 32, 32);

        private OverTheLimit() {}

        public static void main(String[] arguments) {
            EncoderSpec spec = EncoderSpec.of(Architecture.RESNET18_SLIM, Stem.CIFAR, LARGE, Normalization.CIFAR100);
            try (Encoder encoder = new TorchEngine().create(spec, TRAINING, new DeviceOptions("cpu", 2, LIMIT), 1)) {
                train(encoder, 8);
                for (int views = 64; views < 4096; views *= 2) {
                    try {
                        train(encoder, views);
                    } catch (EncoderMemoryException e) {
                        // An operation's output: views, 20 filters, 32 x 32, 4 bytes.
                        long bound = LIMIT + 2L * views * 20 * 1024 * 4;
                        System.out.println(e.getMessage());
                        System.out.println(Pointer.physicalBytes() < bound ? "within bounds" : "out of bounds");
                        train(encoder, 8);
                        System.out.println("fits again");
                        return;
                    }
                }
            }
            throw new AssertionError("the limit was never reached");
        }

        private static void train(Encoder encoder, int views) {
            Objectives.train(encoder, StepInput.plain(LARGE, new byte[views * LARGE.size()], new int[views]));
        }
    }

    private static void use(Encoder encoder, StepInput input, int steps) {
        for (int step = 0; step < steps; step++) {
            encoder.train(input, Objectives.classified(TRAINING), StepRate.FULL);
            if (step % 10 == 0) {
                encoder.embed(input.hostViews(), VIEWS);
            }
            if (step % 100 == 0) {
                encoder.load(encoder.state());
            }
        }
    }
}
