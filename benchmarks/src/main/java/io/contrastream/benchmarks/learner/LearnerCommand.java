package io.contrastream.benchmarks.learner;

import io.contrastream.benchmarks.encoder.EncoderChoice;
import io.contrastream.benchmarks.encoder.EncoderReport;
import io.contrastream.jobs.learning.option.LearningSettings;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.encoder.EncoderMemoryException;
import io.contrastream.learning.learner.LearnerOptions;
import io.contrastream.learning.learner.LossOptions;
import io.contrastream.learning.learner.ReplayOptions;
import io.contrastream.learning.learner.ReviewOptions;
import io.contrastream.learning.learner.StepOptions;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code contrastream bench learner}. */
@Command(
        name = "learner",
        description = {
            "Times whole mini-batches, and how much of them is not the encoder's training and embedding:",
            "recall, views, memory, prototypes. Images are of random pixels, and memory is full."
        },
        mixinStandardHelpOptions = true)
public final class LearnerCommand implements Callable<Integer> {

    private static final int CLASSES = 100;

    @Spec
    private CommandSpec spec;

    @Mixin
    private EncoderChoice choice;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "10",
            description = "New images of a mini-batch (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--recall",
            paramLabel = "N",
            defaultValue = "100",
            description = "Images recalled for a step (default: ${DEFAULT-VALUE}).")
    private int recall;

    @Option(
            names = "--memory",
            paramLabel = "N",
            defaultValue = "2000",
            description = "Images in replay memory (default: ${DEFAULT-VALUE}).")
    private int memory;

    @Option(
            names = "--steps-per-batch",
            paramLabel = "N",
            defaultValue = "1",
            description = "Optimiser steps of a mini-batch (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Option(
            names = "--augment-threads",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Threads that make views, for the dl4j engine (default: as many as there are cores, but at most 4).")
    private int augmentThreads;

    @Option(
            names = "--mini-batches",
            paramLabel = "N",
            defaultValue = "30",
            description = "Mini-batches that are measured (default: ${DEFAULT-VALUE}).")
    private int miniBatches;

    @Option(
            names = "--warmup",
            paramLabel = "N",
            defaultValue = "5",
            description = "Mini-batches before those (default: ${DEFAULT-VALUE}).")
    private int warmup;

    @Option(names = "--json", description = "One JSON object instead of lines.")
    private boolean json;

    @Override
    public Integer call() {
        EncoderEngine engine = EncoderEngine.find();
        LearnerBenchmark benchmark = valid(this::benchmark);
        try (Encoder encoder = valid(() -> choice.create(engine))) {
            LearnerReport report = new LearnerReport(
                    new EncoderReport()
                            .where(engine.name(), spec.root().version()[0], choice.device(), encoder.precision())
                            .with(encoder.spec(), choice.optimizerKind().toString(), batch),
                    benchmark.learner(),
                    benchmark.run(encoder));
            PrintWriter out = spec.commandLine().getOut();
            out.println(json ? report.json() : report.text());
            out.flush();
        } catch (EncoderMemoryException e) {
            throw e.advising("raise --memory-limit, or lower --batch or --recall");
        }
        return 0;
    }

    private LearnerBenchmark benchmark() {
        LearnerOptions learner = new LearnerOptions(
                        0,
                        batch,
                        new ReplayOptions(memory, recall, LearnerOptions.Reservoir.CLASS_BALANCED),
                        new StepOptions(steps, steps, 0),
                        new ReviewOptions(100, false, 0))
                .with(LossOptions.classified(
                        LearningSettings.CLASSIFIER_WEIGHT.option().defaultValue()))
                .withAugmentThreads(augmentThreads);
        return new LearnerBenchmark(learner, CLASSES, warmup, miniBatches);
    }

    /** Turns an error in an option into one of the command. */
    private <T> T valid(Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }
}
