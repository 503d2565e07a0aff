package io.contrastream.benchmarks.encoder;

import static java.util.Objects.requireNonNullElse;

import io.contrastream.jobs.learning.option.LearningSettings;
import io.contrastream.jobs.learning.option.ModelSettings;
import io.contrastream.jobs.option.Setting;
import io.contrastream.learning.encoder.Collective;
import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.ReplicatedEncoder;
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
public final class EncoderChoice {

    @Option(names = "--device", description = "auto, cpu, cuda or cuda:N (default: auto).")
    private String device;

    @Option(names = "--precision", description = "One of ${COMPLETION-CANDIDATES} (default: auto).")
    private DeviceOptions.Precision precision;

    @Option(
            names = "--deterministic",
            paramLabel = "true|false",
            arity = "1",
            description = "Whether a GPU takes algorithms that end in the same bits every time (default: true).")
    private Boolean deterministic;

    @Option(names = "--architecture", description = "One of ${COMPLETION-CANDIDATES} (default: resnet18).")
    private Architecture architecture;

    @Option(names = "--stem", description = "One of ${COMPLETION-CANDIDATES} (default: cifar).")
    private Stem stem;

    @Option(
            names = "--width",
            paramLabel = "N",
            description = "Filters of the first stage (default: the architecture's own).")
    private Integer width;

    @Option(names = "--size", paramLabel = "PIXELS", description = "Side of an image (default: 32).")
    private Integer size;

    @Option(names = "--optimizer", description = "One of ${COMPLETION-CANDIDATES} (default: sgd).")
    private OptimizerOptions.Kind optimizer;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads of the CPU (default: as many as there are cores).")
    private Integer threads;

    @Option(
            names = "--memory-limit",
            paramLabel = "SIZE",
            converter = Size.class,
            description =
                    "Most physical memory that the process may take, such as 2gb (default: nine tenths of the machine's).")
    private MemorySize memoryLimit;

    /** @throws IllegalArgumentException if there is no such encoder, or it cannot run there */
    public Encoder create(EncoderEngine engine) {
        return engine.create(network(), new TrainingOptions(optimizer(), 0.1), device(), 0);
    }

    /** @throws IllegalArgumentException if there is no such encoder, it cannot run there, or the engine has no replicas */
    public ReplicatedEncoder create(EncoderEngine engine, Collective collective, boolean syncBatchNorm) {
        return engine.create(network(), new TrainingOptions(optimizer(), 0.1), device(), 0, collective, syncBatchNorm);
    }

    public DeviceOptions device() {
        return new DeviceOptions(
                "auto",
                requireNonNullElse(device, "auto"),
                requireNonNullElse(precision, DeviceOptions.Precision.AUTO),
                requireNonNullElse(deterministic, true),
                requireNonNullElse(threads, 0),
                memoryLimit == null ? 0 : memoryLimit.getBytes());
    }

    /** Sets what was chosen among a job's options; the rest is as it was. */
    public void into(Configuration settings) {
        set(settings, ModelSettings.ARCHITECTURE, architecture);
        set(settings, ModelSettings.STEM, stem);
        set(settings, ModelSettings.ENCODER_WIDTH, width);
        set(settings, ModelSettings.HEIGHT, size);
        set(settings, ModelSettings.WIDTH, size);
        set(settings, ModelSettings.DEVICE, device);
        set(settings, ModelSettings.PRECISION, precision);
        set(settings, ModelSettings.DETERMINISTIC, deterministic);
        set(settings, ModelSettings.THREADS, threads);
        set(settings, ModelSettings.MEMORY_LIMIT, memoryLimit);
        set(settings, LearningSettings.OPTIMIZER, optimizer);
    }

    /** Sets an option if there is a value. */
    public static <T> void set(Configuration settings, Setting<T> setting, T value) {
        if (value != null) {
            settings.set(setting.option(), value);
        }
    }

    public OptimizerOptions.Kind optimizerKind() {
        return requireNonNullElse(optimizer, OptimizerOptions.Kind.SGD);
    }

    private EncoderSpec network() {
        Architecture chosen = requireNonNullElse(
                architecture, ModelSettings.ARCHITECTURE.option().defaultValue());
        int side = requireNonNullElse(size, 32);
        return new EncoderSpec(
                chosen,
                requireNonNullElse(stem, Stem.CIFAR),
                requireNonNullElse(width, chosen.defaultWidth()),
                new ImageShape(3, side, side),
                128,
                Normalization.CIFAR100);
    }

    /** Small steps: the pixels are always the same, and the loss must stay finite. */
    private OptimizerOptions optimizer() {
        return switch (optimizerKind()) {
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
