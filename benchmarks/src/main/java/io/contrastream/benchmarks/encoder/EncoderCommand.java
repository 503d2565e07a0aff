package io.contrastream.benchmarks.encoder;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.encoder.EncoderMemoryException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code contrastream bench encoder}. */
@Command(
        name = "encoder",
        description = {
            "Times embedding and training of the encoder, on images of random pixels.",
            "Each is done for some seconds, and the median of its calls is reported."
        },
        mixinStandardHelpOptions = true)
public final class EncoderCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private EncoderChoice choice;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "220",
            description =
                    "Images of an embedding call and views of a training step (default: ${DEFAULT-VALUE}, two views of "
                            + "10 new and 100 recalled images).")
    private int batch;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "10",
            description = "How long each is measured (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(
            names = "--warmup",
            paramLabel = "S",
            defaultValue = "5",
            description = "How long each is done before it is measured (default: ${DEFAULT-VALUE}).")
    private double warmup;

    @Option(
            names = "--profile",
            description =
                    "Also tell how many operations a call launches and how often it waits for the device, and the shares"
                            + " of the engine's operations, of some more calls after those measured.")
    private boolean profile;

    @Option(
            names = "--memory-steps",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Also take this number of training steps, after those measured, and report the memory taken after a "
                            + "tenth of them and at their end: at least 10, or 0 for none (default: ${DEFAULT-VALUE}).")
    private int memorySteps;

    @Option(names = "--json", description = "One JSON object instead of lines.")
    private boolean json;

    @Override
    public Integer call() {
        EncoderEngine engine = EncoderEngine.find();
        EncoderReport report = new EncoderReport();
        try (Encoder encoder = encoder(engine)) {
            report.where(engine.name(), spec.root().version()[0], choice.device(), encoder.precision())
                    .with(encoder.spec(), choice.optimizerKind().toString(), batch)
                    .measured(benchmark().run(encoder));
            if (memorySteps > 0) {
                report.grown(benchmark().grow(encoder, memorySteps));
            }
            if (profile) {
                benchmark().launches(engine, encoder).forEach(report::launched);
                benchmark().profile(engine, encoder).forEach(report::profiled);
            }
        } catch (EncoderMemoryException e) {
            throw e.advising("raise --memory-limit or lower --batch");
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? report.json() : report.text());
        out.flush();
        return 0;
    }

    private Encoder encoder(EncoderEngine engine) {
        try {
            benchmark();
            if (memorySteps != 0 && memorySteps < 10) {
                throw new IllegalArgumentException("--memory-steps must be 0 or at least 10, but is " + memorySteps);
            }
            return choice.create(engine);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private EncoderBenchmark benchmark() {
        return new EncoderBenchmark(batch, duration("warmup", warmup), duration("seconds", seconds));
    }

    private static Duration duration(String name, double seconds) {
        if (!(seconds >= 0 && seconds <= 3600)) {
            throw new IllegalArgumentException("--" + name + " must be in [0, 3600], but is " + seconds);
        }
        return Duration.ofNanos((long) (seconds * 1e9));
    }
}
