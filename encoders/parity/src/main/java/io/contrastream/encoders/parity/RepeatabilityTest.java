package io.contrastream.encoders.parity;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.learning.encoder.OptimizerOptions.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What comes out of training is the same to the bit on every run of the engine that is on the class path. */
public abstract class RepeatabilityTest {

    @ParameterizedTest
    @EnumSource
    void aSecondEncoderAndASecondProcessLearnTheSameBits(Kind kind) throws IOException, InterruptedException {
        String first = TrainedBits.hash(kind);
        assertThat(TrainedBits.hash(kind)).as("second encoder").isEqualTo(first);
        assertThat(inAnotherProcess(kind)).as("second process").isEqualTo(first);
    }

    private static String inAnotherProcess(Kind kind) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx1g",
                        "-D" + TestDevice.PROPERTY + "=" + TestDevice.OPTIONS.device(),
                        TrainedBits.class.getName(),
                        kind.name())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment()
                .put(
                        "CLASSPATH",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        Process process = builder.start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
            return output.strip().lines().reduce("", (before, line) -> line);
        } finally {
            process.destroyForcibly();
        }
    }
}
