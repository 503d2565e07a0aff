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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

/** Memory of the process, which no heap limit bounds. */
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

    /** Environment that the scripts start a process with, so that glibc keeps what LibTorch gives back: {@code bin/environment.sh}. */
    private static final Map<String, String> MEMORY_IS_KEPT =
            Map.of("MALLOC_ARENA_MAX", "1", "MALLOC_MMAP_MAX_", "0", "MALLOC_TRIM_THRESHOLD_", "1099511627776");

    @Test
    void aStepTakesNoMemoryAnew() throws Exception {
        // The JVM's own, of its compiler among others, is some dozens.
        assertThat(pagesAStep(MEMORY_IS_KEPT)).isLessThan(100);
        assertThat(pagesAStep(Map.of("MALLOC_MMAP_THRESHOLD_", "131072")))
                .as("with all large blocks given back, so that the test can fail")
                .isGreaterThan(1000);
    }

    private static double pagesAStep(Map<String, String> environment) throws Exception {
        return Double.parseDouble(JavaProcess.run(
                        environment,
                        List.of(
                                "-Xms64m",
                                "-Xmx64m",
                                "-XX:+AlwaysPreTouch",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1"),
                        Steps.class)
                .strip()
                .lines()
                .reduce("", (before, line) -> line));
    }

    /** Prints how many pages of memory a step makes the system clear and map. */
    static final class Steps {

        private static final ImageShape SHAPE = new ImageShape(3, 16, 16);
        private static final int BEFORE = 30;
        private static final int COUNTED = 20;

        private Steps() {}

        public static void main(String[] arguments) throws IOException {
            EncoderSpec spec =
                    new EncoderSpec(Architecture.RESNET18_SLIM, Stem.CIFAR, 8, SHAPE, 8, Normalization.CIFAR100);
            StepInput input = StepInput.plain(SHAPE, new byte[64 * SHAPE.size()], new int[64]);
            try (Encoder encoder = new TorchEngine().create(spec, TRAINING, new DeviceOptions("cpu", 1, 0), 1)) {
                train(encoder, input, BEFORE);
                long before = faults();
                train(encoder, input, COUNTED);
                System.out.println((faults() - before) / (double) COUNTED);
            }
        }

        private static void train(Encoder encoder, StepInput input, int steps) {
            for (int step = 0; step < steps; step++) {
                Objectives.train(encoder, input);
            }
        }

        /** The process's minor page faults so far, the tenth field. */
        private static long faults() throws IOException {
            String status = Files.readString(Path.of("/proc/self/stat"));
            return Long.parseLong(status.substring(status.lastIndexOf(')') + 2).split(" ", -1)[7]);
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
