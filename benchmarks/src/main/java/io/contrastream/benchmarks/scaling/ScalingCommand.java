package io.contrastream.benchmarks.scaling;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.contrastream.benchmarks.encoder.EncoderChoice;
import io.contrastream.benchmarks.scaling.ScalingBenchmark.Figures;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.encoder.EncoderMemoryException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code contrastream bench scaling}. */
@Command(
        name = "scaling",
        description = {
            "Times optimiser steps of one learner and of several, on images of random pixels.",
            "Every learner has as many views as the one. All are in this process, each with --threads of its own.",
            "Beside them: as many encoders at the same time that are not connected, which is what the machine allows."
        },
        mixinStandardHelpOptions = true)
public final class ScalingCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private EncoderChoice choice;

    @Option(
            names = "--replicas",
            paramLabel = "N",
            defaultValue = "2",
            description = "Measure with 1 and with this number of learners, at least 2 (default: ${DEFAULT-VALUE}).")
    private int replicas;

    @Option(
            names = "--views",
            paramLabel = "N",
            defaultValue = "110",
            description = "Views of a learner in a step, even (default: ${DEFAULT-VALUE}).")
    private int views;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "10",
            description = "Steps that are measured, after 3 of warm-up (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Option(
            names = "--sync-batch-norm",
            paramLabel = "true|false",
            arity = "1",
            defaultValue = "true",
            description = "As encoder.sync-batch-norm (default: ${DEFAULT-VALUE}).")
    private boolean syncBatchNorm;

    @Option(names = "--json", description = "One JSON object instead of lines.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        EncoderEngine engine = EncoderEngine.find();
        List<Figures> figures = new ArrayList<>();
        Figures unconnected;
        try {
            ScalingBenchmark benchmark = new ScalingBenchmark(views, 3, steps);
            if (replicas < 2) {
                throw new IllegalArgumentException("--replicas must be at least 2, but is " + replicas);
            }
            try (Encoder encoder = choice.create(engine)) {
                figures.add(benchmark.alone(encoder));
            }
            unconnected = benchmark.unconnected(replicas, () -> choice.create(engine));
            figures.add(benchmark.together(replicas, collective -> choice.create(engine, collective, syncBatchNorm)));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        } catch (EncoderMemoryException e) {
            throw e.advising("raise --memory-limit or lower --views");
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? json(engine, figures, unconnected) : text(figures, unconnected));
        out.flush();
        return 0;
    }

    private double imagesPerSecond(Figures figures) {
        return figures.replicas() * views * 0.5e9 / figures.stepNanos();
    }

    private String json(EncoderEngine engine, List<Figures> figures, Figures unconnected) {
        ObjectNode report = JsonNodeFactory.instance.objectNode();
        report.put("engine", engine.name());
        report.put("threads", choice.device().threads());
        report.put("views_a_replica", views);
        report.put("sync_batch_norm", syncBatchNorm);
        for (Figures one : figures) {
            report.withArray("/measured")
                    .addObject()
                    .put("replicas", one.replicas())
                    .put("images_per_second", imagesPerSecond(one))
                    .put("step_ms", one.stepNanos() / 1e6)
                    .put("collective_ms", one.collectiveNanos() / 1e6)
                    .put("collective_bytes", one.collectiveBytes())
                    .put("sums", one.sums());
        }
        report.putObject("unconnected")
                .put("encoders", unconnected.replicas())
                .put("images_per_second", imagesPerSecond(unconnected))
                .put("step_ms", unconnected.stepNanos() / 1e6);
        report.put("ratio", ratio(figures));
        report.put("unconnected_ratio", imagesPerSecond(unconnected) / imagesPerSecond(figures.get(0)));
        return report.toPrettyString();
    }

    private String text(List<Figures> figures, Figures unconnected) {
        StringBuilder lines = new StringBuilder();
        for (Figures one : figures) {
            lines.append(String.format(
                    Locale.ROOT,
                    "%d learner%s: %.1f images/s, %.1f ms a step, of it %.1f ms in %d sums of %.1f MB%n",
                    one.replicas(),
                    one.replicas() == 1 ? "" : "s",
                    imagesPerSecond(one),
                    one.stepNanos() / 1e6,
                    one.collectiveNanos() / 1e6,
                    one.sums(),
                    one.collectiveBytes() / 1e6));
        }
        return lines.append(String.format(
                        Locale.ROOT,
                        "ratio: %.2f; of %d encoders that are not connected: %.2f, the most that this machine leaves",
                        ratio(figures),
                        unconnected.replicas(),
                        imagesPerSecond(unconnected) / imagesPerSecond(figures.get(0))))
                .toString();
    }

    private double ratio(List<Figures> figures) {
        return imagesPerSecond(figures.get(1)) / imagesPerSecond(figures.get(0));
    }
}
