package io.contrastream.jobs.learning;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.jobs.option.InvalidOptionsException;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Tensor;
import io.contrastream.operators.learn.option.LearnOptions;
import io.contrastream.releases.safetensors.SafetensorsWriter;
import io.contrastream.releases.weights.EncoderWeights;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelStartTest {

    @TempDir
    private Path folder;

    /** A file with the weights of a network of width 4. */
    private Path weights(String name) throws IOException {
        Path file = folder.resolve(name);
        EncoderSpec spec = options(file.toString(), "4").encoder();
        try (OutputStream out = Files.newOutputStream(file)) {
            EncoderWeights.write(
                    "model",
                    new EncoderState(spec.fingerprint(), 0, spec.network().initialParameters(1), List.of()),
                    out);
        }
        return file;
    }

    @Test
    void passesWeightsThatFit() throws IOException {
        Path file = weights("with spaces.safetensors");

        assertThatCode(() -> ModelStart.require(options(file.toString(), "4"))).doesNotThrowAnyException();
        assertThatThrownBy(() -> ModelStart.require(options(file.toString(), "5")))
                .isInstanceOf(InvalidOptionsException.class)
                .hasMessageStartingWith("encoder.initial-weights cannot be used: file:" + file + ": it does not fit")
                .hasMessageContaining("conv1.weight has the shape [4, 3, 3, 3] in the file, but [5, 3, 3, 3] in the")
                .hasMessageEndingWith(
                        "it would fit architecture=resnet18-slim stem=cifar width=4 channels=3 projection=128");
    }

    @Test
    void refusesWeightsThatAreNotFiniteBeforeAnythingRuns() throws IOException {
        EncoderSpec spec = options("/nowhere", "4").encoder();
        List<Tensor> parameters = spec.network().initialParameters(1);
        parameters.stream()
                .filter(tensor -> tensor.name().equals("bn1.running_var"))
                .forEach(tensor -> Arrays.fill(tensor.values(), Float.NaN));
        Path file = folder.resolve("nan.safetensors");
        try (OutputStream out = Files.newOutputStream(file)) {
            SafetensorsWriter.write(Map.of(), parameters, out);
        }

        assertThatThrownBy(() -> ModelStart.require(options(file.toString(), "4")))
                .isInstanceOf(InvalidOptionsException.class)
                .hasMessageContaining("encoder.initial-weights cannot be used: file:" + file
                        + ": tensor 'bn1.running_var' has 4 of 4 values that are not finite");
    }

    @Test
    void refusesAnInitialStateThatIsNotThereOrDoesNotFit() {
        assertThatThrownBy(() ->
                        ModelStart.require(options("/nowhere", "4", "--learner.initial-state", folder.toString())))
                .isInstanceOf(InvalidOptionsException.class)
                .hasMessageContaining("learner.initial-state cannot be used: file:" + folder);
        String first = "../reliability/src/test/resources/first-savepoint/savepoint";
        assertThatThrownBy(() -> ModelStart.require(options("/nowhere", "4", "--learner.initial-state", first)))
                .isInstanceOf(InvalidOptionsException.class)
                .hasMessageContaining("learner.initial-state cannot be used: the learner of model 'encoder'")
                .hasMessageContaining("encoder.width is 2 in the state, but 4 in the options");
    }

    @Test
    void takesOnlyTheFileThatHasTheHash() throws Exception {
        Path file = weights("hashed.safetensors");
        String hash =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        LearnOptions options = options(file.toString(), "4", "--encoder.initial-weights-sha256", hash);

        assertThatCode(() -> ModelStart.require(options)).doesNotThrowAnyException();
        byte[] changed = Files.readAllBytes(file);
        changed[changed.length - 1] ^= 1;
        Files.write(file, changed);
        assertThatThrownBy(() -> ModelStart.require(options))
                .isInstanceOf(InvalidOptionsException.class)
                .hasMessageContaining("its SHA-256 is ")
                .hasMessageContaining("but must be " + hash);
    }

    @Test
    void refusesWhatIsNotThereOrNoFile() {
        assertThatThrownBy(() -> ModelStart.require(options("/nowhere/resnet18.safetensors", "4")))
                .isInstanceOf(InvalidOptionsException.class)
                .hasMessageContaining("encoder.initial-weights cannot be used")
                .hasMessageContaining("/nowhere/resnet18.safetensors");
        assertThatThrownBy(() -> ModelStart.require(options(folder.toString(), "4")))
                .hasMessageContaining("it is a folder, but must be a safetensors file");
    }

    @Test
    void leavesToTheTaskManagerAFileSystemThatOnlyThatMayHave() {
        assertThatCode(() -> ModelStart.require(options("s3://bucket/resnet18.safetensors", "4")))
                .doesNotThrowAnyException();
    }

    private static LearnOptions options(String weights, String width, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--kafka.bootstrap-servers",
                "localhost:1",
                "--encoder.initial-weights",
                weights,
                "--encoder.architecture",
                "resnet18-slim",
                "--encoder.width",
                width));
        arguments.addAll(List.of(more));
        return JobOptions.parse(arguments.toArray(String[]::new)).learn();
    }
}
