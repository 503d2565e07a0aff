package io.contrastream.benchmarks.continual;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.contrastream.benchmarks.encoder.EncoderReport;
import io.contrastream.cli.local.TemporaryFolder;
import io.contrastream.datasets.ImageSource;
import io.contrastream.datasets.ImageSourceException;
import io.contrastream.datasets.ImageSplit;
import io.contrastream.jobs.learning.ModelOptions;
import io.contrastream.jobs.learning.option.LearningSettings;
import io.contrastream.jobs.learning.option.ReleaseSettings;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.encoder.EncoderMemoryException;
import io.contrastream.learning.learner.Learner;
import io.contrastream.operators.decode.ExampleDecoder;
import io.contrastream.operators.learn.option.LearnOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code contrastream bench unknown}. */
@Command(
        name = "unknown",
        description = {
            "Learns some classes of a data set in one pass, releases the encoder, and asks it about test images of"
                    + " these classes and of as many that it was not taught: how many of the first it calls unknown, which"
                    + " are false alarms, and how many of the second.",
            "Beside it stands the same by the similarity to the nearest prototype alone; both thresholds are from the same held-out images of memory. Memory has all images unless"
                    + " --memory says otherwise. What no option says is as a job has it by default."
        },
        mixinStandardHelpOptions = true)
public final class UnknownCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--images",
            paramLabel = "SOURCE",
            required = true,
            description = "Data set, with images that are only tested with: cifar100:DIR, folder:DIR or synthetic.")
    private String source;

    @Option(
            names = "--classes",
            paramLabel = "N",
            defaultValue = "10",
            description = "Classes that are taught (default: ${DEFAULT-VALUE}).")
    private int classes;

    @Option(
            names = "--strangers",
            paramLabel = "N",
            defaultValue = "10",
            description = "Classes that are not (default: ${DEFAULT-VALUE}).")
    private int strangers;

    @Option(
            names = "--stages",
            paramLabel = "K",
            defaultValue = "5",
            description = "Stages in which the classes are taught (default: ${DEFAULT-VALUE}).")
    private int stages;

    @Option(
            names = "--images-per-class",
            paramLabel = "N",
            defaultValue = "0",
            description = "Images of a class that are learned from, fewer if it has fewer; 0 for all (default).")
    private int imagesPerClass;

    @Option(
            names = "--false-alarm-rate",
            paramLabel = "R",
            defaultValue = "0.05",
            description = "Share of known images that may be called unknown (default: ${DEFAULT-VALUE}).")
    private double rate;

    @Option(
            names = "--held-out-share",
            paramLabel = "R",
            defaultValue = "0.2",
            description =
                    "Share of the images to learn that are held out for the thresholds (default: ${DEFAULT-VALUE}). Of n"
                            + " that memory has, and m test images, the rate of false alarms has a standard deviation of the root"
                            + " of r (1 - r) (1 / n + 1 / m): one point for 5%%, 1000 and 1000.")
    private double heldOutShare;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of everything random (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--releases",
            paramLabel = "DIRECTORY",
            description = "Directory for the release, which stays (default: a temporary one).")
    private Path directory;

    @Mixin
    private LearningChoice learning;

    @Option(names = "--json", description = "One JSON object instead of lines.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        if (!(rate > 0 && rate < 1)) {
            throw new ParameterException(
                    spec.commandLine(), "--false-alarm-rate is " + rate + ", but must be above 0 and below 1");
        }
        EncoderEngine engine = EncoderEngine.find();
        try (TemporaryFolder folder = TemporaryFolder.create("contrastream-unknown-");
                ImageSplit images = valid(() -> ImageSplit.open(source, seed))) {
            String releases = (directory == null ? folder.path() : directory.toAbsolutePath())
                    .toUri()
                    .toString();
            ModelOptions options =
                    valid(() -> learning.options(settings(releases, imagesToLearn(images.train())), seed));
            valid(() -> {
                engine.requireAskedFor(options.learn().device());
                return options;
            });
            int all = images.train().labels().size();
            if (classes < 2 || strangers < 1 || classes + strangers > all || stages < 1 || stages > classes) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--classes, --strangers and --stages are " + classes + ", " + strangers + " and " + stages
                                + ", but there must be 2 classes or more, 1 stranger or more, together at most the "
                                + all
                                + " of the data set, and 1 stage for every class at most");
            }
            List<String> order = images.train().labels();
            ClassStages taught = new ClassStages(
                    images,
                    new ExampleDecoder(options.decode()),
                    ClassStages.deal(order.subList(0, classes), stages),
                    imagesPerClass,
                    1,
                    StreamShape.STAGED,
                    seed);
            tell(measure(engine, options.learn(), taught, order.subList(classes, classes + strangers), releases));
        } catch (EncoderMemoryException e) {
            throw e.advising("raise --memory-limit, or lower --batch or --recall");
        }
        return 0;
    }

    private int imagesToLearn(ImageSource images) {
        return IntStream.range(0, Math.max(0, Math.min(classes, images.labels().size())))
                .map(images::size)
                .map(size -> imagesPerClass > 0 ? Math.min(size, imagesPerClass) : size)
                .sum();
    }

    private Configuration settings(String releases, int memory) {
        Configuration settings = new Configuration();
        settings.set(LearningSettings.REPLAY_CAPACITY.option(), Math.max(1, memory));
        settings.set(ReleaseSettings.DIRECTORY.option(), releases);
        settings.set(ReleaseSettings.HELD_OUT_SHARE.option(), heldOutShare);
        return settings;
    }

    private ObjectNode measure(
            EncoderEngine engine, LearnOptions learn, ClassStages taught, List<String> others, String releases)
            throws IOException {
        try (Encoder encoder = valid(() -> learn.open(engine));
                Learner learner = new Learner(learn.learner(), encoder)) {
            UnknownBenchmark benchmark = new UnknownBenchmark(taught, others, learn, rate, releases);
            UnknownBenchmark.Result result = benchmark.run(learner, encoder);
            ObjectNode report = new EncoderReport()
                    .where(engine.name(), spec.root().version()[0], learn.device(), encoder.precision())
                    .with(
                            encoder.spec(),
                            learn.training().optimizer().kind().toString(),
                            learn.learner().batchSize())
                    .node();
            report.put("images", source)
                    .put("seed", seed)
                    .put("classes", classes)
                    .put("strangers", strangers)
                    .put("train_images", result.trained())
                    .put("memory", learn.learner().replay().capacity())
                    .put("held_out_images", result.heldOut())
                    .put("test_images", result.known())
                    .put("accuracy", result.accuracy())
                    .put("false_alarm_rate_wanted", rate);
            put(report, "", result.byStrangeness());
            put(report, "similarity_", result.bySimilarity());
            return report;
        }
    }

    private static void put(ObjectNode report, String prefix, UnknownFigures figures) {
        report.put(prefix + "false_alarm_rate", figures.falseAlarmRate())
                .put(prefix + "worst_class_false_alarm_rate", figures.worstClass())
                .put(prefix + "strangers_found", figures.found())
                .put(prefix + "auroc", figures.auroc());
    }

    private void tell(ObjectNode report) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? report.toString() : text(report));
        out.flush();
    }

    private static String text(ObjectNode report) {
        return String.format(
                Locale.ROOT,
                "%d classes of %s taught with %d images, %d others not; accuracy %.1f%% on %d test images; thresholds"
                        + " from %d held-out images, for %.1f%% of false alarms%n%s%n%s",
                report.get("classes").asInt(),
                report.get("images").asText(),
                report.get("train_images").asInt(),
                report.get("strangers").asInt(),
                100 * report.get("accuracy").asDouble(),
                report.get("test_images").asInt(),
                report.get("held_out_images").asInt(),
                100 * report.get("false_alarm_rate_wanted").asDouble(),
                line(report, "as the embedding job does", ""),
                line(report, "by similarity alone", "similarity_"));
    }

    private static String line(ObjectNode report, String name, String prefix) {
        return String.format(
                Locale.ROOT,
                "%-26s false alarms %.1f%% (of the worst class %.1f%%), strangers found %.1f%%, AUROC %.3f",
                name,
                100 * report.get(prefix + "false_alarm_rate").asDouble(),
                100 * report.get(prefix + "worst_class_false_alarm_rate").asDouble(),
                100 * report.get(prefix + "strangers_found").asDouble(),
                report.get(prefix + "auroc").asDouble());
    }

    /** Makes something of options; wrong ones end the command as picocli's do. */
    private <T> T valid(Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        } catch (ImageSourceException e) {
            throw new ParameterException(spec.commandLine(), "--images: " + e.getMessage(), e);
        }
    }
}
