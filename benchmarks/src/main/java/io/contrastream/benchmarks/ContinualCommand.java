package io.contrastream.benchmarks;

import io.contrastream.jobs.ModelOptions;
import io.contrastream.jobs.images.ImageSplit;
import io.contrastream.jobs.option.InvalidOptionsException;
import io.contrastream.jobs.option.LearningSettings;
import io.contrastream.jobs.option.ModelSettings;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.encoder.EncoderMemoryException;
import io.contrastream.operators.decode.ExampleDecoder;
import io.contrastream.operators.learn.LearnOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code contrastream bench continual}. */
@Command(
        name = "continual",
        description = {
            "Learns classes stage after stage in one pass, as a job does but without Kafka, and measures after every stage "
                    + "the accuracy on the test images of all classes seen so far, by the nearest class mean of memory.",
            "What no option says is as a job has it by default."
        },
        mixinStandardHelpOptions = true)
final class ContinualCommand implements Callable<Integer> {

    /** What a job's options are called here. */
    private static final Map<String, String> NAMES = Map.of(
            LearningSettings.BATCH_SIZE.key(), "--batch",
            LearningSettings.RECALL_SIZE.key(), "--recall",
            LearningSettings.REPLAY_CAPACITY.key(), "--memory",
            LearningSettings.LEARNING_RATE.key(), "--learning-rate",
            ModelSettings.HEIGHT.key(), "--size",
            ModelSettings.WIDTH.key(), "--size",
            ModelSettings.ENCODER_WIDTH.key(), "--width",
            ModelSettings.DEVICE.key(), "--device",
            ModelSettings.THREADS.key(), "--threads",
            ModelSettings.MEMORY_LIMIT.key(), "--memory-limit");

    @Spec
    private CommandSpec spec;

    @Mixin
    private StageChoice choice;

    @Mixin
    private EncoderChoice encoderChoice;

    @Option(names = "--memory", paramLabel = "N", description = "Images in replay memory (default: the protocol's).")
    private Integer memory;

    @Option(names = "--recall", paramLabel = "N", description = "Images recalled for a step (default: the protocol's).")
    private Integer recall;

    @Option(names = "--batch", paramLabel = "N", description = "New images of a mini-batch (default: a job's, 10).")
    private Integer batch;

    @Option(names = "--learning-rate", paramLabel = "R", description = "Learning rate (default: a job's, for sgd).")
    private Double learningRate;

    @Option(names = "--json", paramLabel = "FILE", description = "Also write all figures as JSON to this file.")
    private Path json;

    @Override
    public Integer call() throws IOException {
        EncoderEngine engine = EncoderEngine.find();
        ModelOptions options = valid(this::options);
        requireWritable();
        try (ImageSplit images = valid(choice::open)) {
            ClassStages stages = valid(() -> choice.of(images, new ExampleDecoder(options.decode())));
            run(engine, options.learn(), stages);
        } catch (EncoderMemoryException e) {
            throw e.advising("raise --memory-limit, or lower --batch or --recall");
        }
        return 0;
    }

    private void run(EncoderEngine engine, LearnOptions learn, ClassStages stages) throws IOException {
        try (Encoder encoder = valid(() -> engine.create(
                learn.encoder(),
                learn.training(),
                learn.device(),
                learn.learner().seed()))) {
            ContinualReport report = new ContinualReport(
                    new EncoderReport()
                            .where(engine.name(), spec.root().version()[0], learn.device())
                            .with(
                                    encoder.spec(),
                                    learn.training().optimizer().kind().toString(),
                                    learn.learner().batchSize()),
                    choice.source(),
                    choice.protocol(),
                    stages,
                    learn);
            say(report.heading());
            report.measured(
                    new ContinualBenchmark(learn.learner()).run(encoder, stages, stage -> say(report.line(stage))),
                    encoder.peakDeviceBytes());
            say(report.text());
            if (json != null) {
                Files.writeString(json, report.json() + System.lineSeparator());
            }
        }
    }

    private void say(String lines) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(lines);
        out.flush();
    }

    private ModelOptions options() {
        Configuration settings = encoderChoice.settings();
        settings.set(LearningSettings.SEED.option(), choice.seed());
        settings.set(
                LearningSettings.REPLAY_CAPACITY.option(),
                Objects.requireNonNullElse(memory, choice.protocol().memory));
        settings.set(
                LearningSettings.RECALL_SIZE.option(), Objects.requireNonNullElse(recall, choice.protocol().recall));
        if (batch != null) {
            settings.set(LearningSettings.BATCH_SIZE.option(), batch);
        }
        if (learningRate != null) {
            settings.set(LearningSettings.LEARNING_RATE.option(), learningRate);
        }
        try {
            return ModelOptions.of(settings);
        } catch (InvalidOptionsException e) {
            throw new IllegalArgumentException(named(e.problems()), e);
        }
    }

    private static String named(List<String> problems) {
        return problems.stream()
                .map(problem -> {
                    String named = problem;
                    for (Map.Entry<String, String> name : NAMES.entrySet()) {
                        named = named.replace(name.getKey(), name.getValue());
                    }
                    return named;
                })
                .distinct()
                .collect(Collectors.joining("; "));
    }

    /** Before hours of work rather than after. */
    private void requireWritable() {
        if (json == null) {
            return;
        }
        Path folder = json.toAbsolutePath().getParent();
        if (Files.isDirectory(json) || folder == null || !Files.isWritable(folder)) {
            throw new ParameterException(spec.commandLine(), "--json " + json + ": cannot be written");
        }
    }

    /** What is wrong with an option is wrong with the command. */
    private <T> T valid(Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }
}
