package io.contrastream.benchmarks.continual;

import io.contrastream.benchmarks.encoder.EncoderReport;
import io.contrastream.cli.Progress;
import io.contrastream.datasets.ImageSplit;
import io.contrastream.jobs.learning.ModelOptions;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.encoder.EncoderMemoryException;
import io.contrastream.learning.learner.Learner;
import io.contrastream.operators.decode.ExampleDecoder;
import io.contrastream.operators.learn.option.LearnOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
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
public final class ContinualCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private StageChoice stageChoice;

    @Mixin
    private LearningChoice learning;

    @Mixin
    private Resumption resumption;

    @Mixin
    private ContinualOutput output;

    @Mixin
    private RunsChoice runs;

    @Option(names = "--end-with-input", hidden = true, description = "End when standard input does.")
    private boolean endWithInput;

    @Override
    public Integer call() throws IOException, InterruptedException {
        EncoderEngine engine = EncoderEngine.find();
        if (runs.several()) {
            try {
                return new SeveralRuns(spec, stageChoice, learning, runs, output).call(engine) ? 0 : 1;
            } catch (IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), e.getMessage(), e);
            }
        }
        if (endWithInput) {
            Thread end = new Thread(ContinualCommand::endWithInput, "end-with-input");
            end.setDaemon(true);
            end.start();
        }
        valid(() -> {
            // What does not depend on the images is checked before they are opened.
            runs.requireNone();
            engine.requireAskedFor(options(0).learn().device());
            output.requireWritable(resumption.file());
            return stageChoice.shape();
        });
        try (ImageSplit images = valid(stageChoice::open)) {
            images.train().remarks().forEach(spec.commandLine().getErr()::println);
            ExampleDecoder decoder = new ExampleDecoder(options(0).decode());
            ClassStages stages = valid(
                    () -> stageChoice.of(images, decoder, learning.recipe().joint()));
            run(engine, valid(() -> options(stages.trainSize()).learn()), stages);
        } catch (EncoderMemoryException e) {
            throw e.advising("raise --memory-limit, or lower --batch or --recall");
        }
        return 0;
    }

    /** Ends this process with the one that has started it; the state that it keeps is whole at any time. */
    private static void endWithInput() {
        try {
            System.in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            // As good as the end.
        }
        Runtime.getRuntime().halt(1);
    }

    /** @param images that are learned from in all */
    private ModelOptions options(int images) {
        return learning.options(stageChoice.protocol(), stageChoice.seed(), images);
    }

    private void run(EncoderEngine engine, LearnOptions learn, ClassStages stages) throws IOException {
        try (Encoder encoder = valid(() -> learn.open(engine));
                Learner learner = new Learner(learn.learner(), encoder)) {
            SortedMap<String, String> jobOptions =
                    learning.described(stageChoice.protocol(), stageChoice.seed(), stages.trainSize());
            ContinualReport report = new ContinualReport(
                            new EncoderReport()
                                    .where(engine.name(), spec.root().version()[0], learn.device(), encoder.precision())
                                    .with(
                                            encoder.spec(),
                                            learn.training().optimizer().kind().toString(),
                                            learn.learner().batchSize()),
                            encoder.device(),
                            stageChoice,
                            stages,
                            learn)
                    .with(jobOptions);
            ContinualProgress progress = valid(() -> resumption.begin(report.identity(), learner));
            ContinualFigures figures = new ContinualFigures(stages, progress);
            ContinualText text = new ContinualText(report.node(), stages);
            say(text.heading());
            output.write(stages);
            ContinualBenchmark benchmark =
                    new ContinualBenchmark(stages, learn.learner().batchSize(), stageChoice.passes());
            try (Telling telling = new Telling(figures, text, learner)) {
                benchmark.run(learner, encoder, progress, telling);
            }
            report.measured(
                    figures,
                    resumption.peakResidentBytes(),
                    encoder.diagnostics().peakDeviceBytes());
            say(text.summary());
            if (output.markdown()) {
                say(text.markdown());
            }
            output.write(report);
        }
    }

    private void say(String lines) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(lines);
        out.flush();
    }

    /** Turns an error in an option into one of the command. */
    private <T> T valid(Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    /** Keeps the state and tells how far it is: a bar for every part, and a line when it has been tested. */
    private final class Telling implements ContinualBenchmark.Watcher, AutoCloseable {

        private final ContinualFigures figures;
        private final ContinualText text;
        private final Learner learner;
        private Progress bar;

        Telling(ContinualFigures figures, ContinualText text, Learner learner) {
            this.figures = figures;
            this.text = text;
            this.learner = learner;
        }

        @Override
        public void learned() {
            ContinualProgress progress = figures.progress();
            int part = figures.parts().size();
            if (bar == null) {
                bar = Progress.of(
                        text.name(part),
                        (long) stageChoice.passes() * figures.stages().trainSize(part));
            }
            bar.update(progress.images(), text.standing(progress));
            resumption.learned(progress, learner);
        }

        @Override
        public void tested() {
            close();
            say(text.line(figures));
            resumption.write(figures.progress(), learner);
        }

        @Override
        public void close() {
            if (bar != null) {
                bar.close();
                bar = null;
            }
        }
    }
}
