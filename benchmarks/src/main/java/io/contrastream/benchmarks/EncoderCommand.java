package io.contrastream.benchmarks;

import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.apache.flink.configuration.MemorySize;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
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
final class EncoderCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--device",
            defaultValue = "auto",
            description = "auto, cpu, cuda or cuda:N (default: ${DEFAULT-VALUE}).")
    private String device;

    @Option(
            names = "--architecture",
            defaultValue = "resnet18-slim",
            description = "One of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Architecture architecture;

    @Option(
            names = "--stem",
            defaultValue = "cifar",
            description = "One of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Stem stem;

    @Option(
            names = "--width",
            paramLabel = "N",
            description = "Filters of the first stage (default: the architecture's own).")
    private Integer width;

    @Option(
            names = "--size",
            paramLabel = "PIXELS",
            defaultValue = "32",
            description = "Side of an image (default: ${DEFAULT-VALUE}).")
    private int size;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "220",
            description =
                    "Images of an embedding call and views of a training step (default: ${DEFAULT-VALUE}, two views of "
                            + "10 new and 100 recalled images).")
    private int batch;

    @Option(
            names = "--optimizer",
            defaultValue = "sgd",
            description = "One of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private OptimizerOptions.Kind optimizer;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "0",
            description = "Threads of the CPU (default: as many as there are cores).")
    private int threads;

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
            names = "--memory-limit",
            paramLabel = "SIZE",
            defaultValue = "0",
            converter = Size.class,
            description =
                    "Most physical memory that the process may take, such as 2gb (default: nine tenths of the machine's).")
    private MemorySize memoryLimit;

    @Option(names = "--json", description = "One JSON object instead of lines.")
    private boolean json;

    @Override
    public Integer call() {
        EncoderEngine engine = EncoderEngine.find();
        EncoderReport report = new EncoderReport();
        try (Encoder encoder = encoder(engine)) {
            report.where(engine.name(), spec.root().version()[0], device())
                    .with(encoder.spec(), optimizer.toString(), batch)
                    .measured(benchmark().run(encoder));
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? report.json() : report.text());
        out.flush();
        return 0;
    }

    private Encoder encoder(EncoderEngine engine) {
        try {
            benchmark();
            return engine.create(network(), new TrainingOptions(optimizer(), 0.1), device(), 0);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private EncoderBenchmark benchmark() {
        return new EncoderBenchmark(batch, duration("warmup", warmup), duration("seconds", seconds));
    }

    private DeviceOptions device() {
        return new DeviceOptions(device, threads, memoryLimit.getBytes());
    }

    private EncoderSpec network() {
        return new EncoderSpec(
                architecture,
                stem,
                width == null ? architecture.defaultWidth() : width,
                new ImageShape(3, size, size),
                128,
                Normalization.CIFAR100);
    }

    /** Small steps: the pixels are always the same, and the loss must stay finite. */
    private OptimizerOptions optimizer() {
        return switch (optimizer) {
            case SGD -> OptimizerOptions.sgd(0.01, 0, 0);
            case ADAM -> OptimizerOptions.adam(1e-4, 0);
        };
    }

    private static Duration duration(String name, double seconds) {
        if (!(seconds >= 0 && seconds <= 3600)) {
            throw new IllegalArgumentException("--" + name + " must be in [0, 3600], but is " + seconds);
        }
        return Duration.ofNanos((long) (seconds * 1e9));
    }

    /** Sizes as the options of a job have them. */
    private static final class Size implements ITypeConverter<MemorySize> {

        @Override
        public MemorySize convert(String value) {
            return MemorySize.parse(value);
        }
    }
}
