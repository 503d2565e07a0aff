package io.contrastream.benchmarks;

import io.contrastream.jobs.option.LearningSettings;
import io.contrastream.jobs.option.ModelSettings;
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
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/** Which encoder to measure, and where: options that several commands share. */
final class EncoderChoice {

    @Option(
            names = "--device",
            defaultValue = "auto",
            description = "auto, cpu, cuda or cuda:N (default: ${DEFAULT-VALUE}).")
    private String device;

    @Option(
            names = "--precision",
            defaultValue = "float32",
            description = "One of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private DeviceOptions.Precision precision;

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
            names = "--memory-limit",
            paramLabel = "SIZE",
            defaultValue = "0",
            converter = Size.class,
            description =
                    "Most physical memory that the process may take, such as 2gb (default: nine tenths of the machine's).")
    private MemorySize memoryLimit;

    /** @throws IllegalArgumentException if there is no such encoder, or it cannot run there */
    Encoder create(EncoderEngine engine) {
        return engine.create(network(), new TrainingOptions(optimizer(), 0.1), device(), 0);
    }

    DeviceOptions device() {
        return new DeviceOptions("auto", device, precision, threads, memoryLimit.getBytes());
    }

    /** The choice as options of a job, which has the rest of the recipe. */
    Configuration settings() {
        Configuration settings = new Configuration();
        settings.set(ModelSettings.ARCHITECTURE.option(), architecture);
        settings.set(ModelSettings.STEM.option(), stem);
        if (width != null) {
            settings.set(ModelSettings.ENCODER_WIDTH.option(), width);
        }
        settings.set(ModelSettings.HEIGHT.option(), size);
        settings.set(ModelSettings.WIDTH.option(), size);
        settings.set(ModelSettings.DEVICE.option(), device);
        settings.set(ModelSettings.PRECISION.option(), precision);
        settings.set(ModelSettings.THREADS.option(), threads);
        settings.set(ModelSettings.MEMORY_LIMIT.option(), memoryLimit);
        settings.set(LearningSettings.OPTIMIZER.option(), optimizer);
        return settings;
    }

    OptimizerOptions.Kind optimizerKind() {
        return optimizer;
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

    /** Sizes as the options of a job have them. */
    private static final class Size implements ITypeConverter<MemorySize> {

        @Override
        public MemorySize convert(String value) {
            return MemorySize.parse(value);
        }
    }
}
