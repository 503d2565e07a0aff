package io.contrastream.cli;

import io.contrastream.jobs.learning.LearningJob;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.failure.Reason;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.operators.learn.state.SavedLearner;
import io.contrastream.releases.WeightsException;
import io.contrastream.releases.onnx.OnnxExport;
import io.contrastream.releases.safetensors.Header;
import io.contrastream.releases.safetensors.SafetensorsReader;
import io.contrastream.releases.safetensors.StoredTensor;
import io.contrastream.releases.weights.EncoderWeights;
import io.contrastream.releases.weights.WeightsLayout;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code contrastream weights}. */
@Command(
        name = "weights",
        description = "Takes the encoder out of a savepoint, or looks into a file of weights.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class WeightsCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do with weights: export or inspect");
    }

    @Command(
            name = "export",
            description =
                    "Writes a savepoint's encoder: as a safetensors file, with its projection head and under the parameter"
                            + " names of torchvision; or as an ONNX model from images in [0, 1] to unit embeddings.",
            mixinStandardHelpOptions = true)
    int export(
            @Option(
                            names = "--savepoint",
                            required = true,
                            paramLabel = "PATH",
                            description = "Savepoint or checkpoint of the learning job: its folder, as a path or URI.")
                    String savepoint,
            @Option(
                            names = "--output",
                            required = true,
                            paramLabel = "FILE",
                            description = "File to write, *.safetensors or *.onnx; one that exists is replaced.")
                    Path output)
            throws IOException {
        SavedLearner saved = read(savepoint);
        EncoderState encoder = saved.state().encoder();
        write(saved.model(), encoder, output.toAbsolutePath());
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                Locale.ROOT,
                "%s: model '%s', encoder version %d, %d tensors%n%s%n",
                output,
                saved.model(),
                encoder.step(),
                encoder.parameters().size(),
                encoder.fingerprint());
        out.flush();
        return 0;
    }

    @Command(
            name = "inspect",
            description = "Says which network a safetensors file has the weights of, and what else is in it.",
            mixinStandardHelpOptions = true)
    int inspect(@Parameters(paramLabel = "FILE", description = "The file.") Path file) throws IOException {
        Header header;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            header = new SafetensorsReader(in, Files.size(file), file.toString()).header();
        } catch (NoSuchFileException e) {
            throw new WeightsException(file.toString(), "there is no such file", e);
        }
        WeightsLayout layout = new WeightsLayout(file.toString(), header);
        PrintWriter out = spec.commandLine().getOut();
        out.println(file + ": " + summary(header, layout));
        out.println("network   "
                + layout.network()
                        .map(Object::toString)
                        .orElse("none that an encoder can be, which are " + Arrays.toString(Architecture.values())));
        out.printf(
                Locale.ROOT,
                "tensors   %d of %d values%n",
                header.tensors().size(),
                header.tensors().stream().mapToLong(StoredTensor::size).sum());
        header.metadata().forEach((key, value) -> out.println("metadata  " + key + " = " + value));
        layout.tensors()
                .forEach((name, tensor) ->
                        out.println("tensor    " + tensor + (tensor.name().equals(name) ? "" : " is " + name)));
        out.flush();
        return 0;
    }

    private static String summary(Header header, WeightsLayout layout) {
        Map<String, String> metadata = header.metadata();
        String origin = metadata.containsKey("contrastream.model")
                ? "exported of model '" + metadata.get("contrastream.model") + "' at version "
                        + metadata.get("contrastream.encoder-version")
                : "not written by weights export";
        return layout.network()
                .map(network -> network.architecture() + " of width " + network.width() + ", "
                        + (network.projectionSize() == 0 ? "without a projection head" : "with its projection head")
                        + ", for images of " + network.channels() + (network.channels() == 1 ? " channel" : " channels")
                        + "; " + origin)
                .orElse("no network that an encoder can be; " + origin);
    }

    private static SavedLearner read(String savepoint) throws WeightsException {
        FlinkFolder.configuration(Map.of());
        try {
            return LearningJob.savedLearner(savepoint);
        } catch (IOException e) {
            throw new WeightsException(savepoint, Reason.of(e), e);
        }
    }

    /** A reader sees the file whole or not at all. */
    private static void write(String model, EncoderState encoder, Path file) throws WeightsException {
        try {
            Path whole = Files.createTempFile(file.getParent(), "." + file.getFileName(), ".part");
            try {
                try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(whole))) {
                    if (file.toString().endsWith(".onnx")) {
                        OnnxExport.write(model, EncoderSpec.parse(encoder.fingerprint()), encoder, out);
                    } else {
                        EncoderWeights.write(model, encoder, out);
                    }
                }
                Files.move(whole, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(whole);
            }
        } catch (IOException e) {
            throw new WeightsException(file.toString(), "cannot be written: " + Reason.of(e), e);
        }
    }
}
