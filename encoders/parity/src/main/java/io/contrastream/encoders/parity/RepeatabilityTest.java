package io.contrastream.encoders.parity;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.learning.encoder.OptimizerOptions.Kind;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Training gives the same bits on every run of the engine that is on the class path. */
public abstract class RepeatabilityTest {

    @ParameterizedTest
    @EnumSource
    void aSecondEncoderAndASecondProcessLearnTheSameBits(Kind kind) throws IOException, InterruptedException {
        String first = TrainedBits.hash(kind);
        assertThat(TrainedBits.hash(kind)).as("second encoder").isEqualTo(first);
        assertThat(inAnotherProcess(kind)).as("second process").isEqualTo(first);
    }

    private static String inAnotherProcess(Kind kind) throws IOException, InterruptedException {
        String output = JavaProcess.run(
                List.of(
                        "-Xmx1g",
                        "-D" + TestDevice.PROPERTY + "=" + TestDevice.OPTIONS.device(),
                        "-D" + TestDevice.THREADS_PROPERTY + "=" + TestDevice.THREADS),
                TrainedBits.class,
                kind.name());
        return output.strip().lines().reduce("", (before, line) -> line);
    }
}
