package io.contrastream.benchmarks.continual;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.contrastream.benchmarks.continual.PlantedDrift.Change;
import io.contrastream.benchmarks.continual.PlantedDrift.Course;
import io.contrastream.benchmarks.encoder.EncoderReport;
import io.contrastream.datasets.ImageSource;
import io.contrastream.datasets.ImageSourceException;
import io.contrastream.jobs.learning.ModelOptions;
import io.contrastream.jobs.learning.option.LearningSettings;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.encoder.EncoderMemoryException;
import io.contrastream.learning.learner.Example;
import io.contrastream.learning.learner.Learner;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import io.contrastream.operators.decode.ExampleDecoder;
import io.contrastream.operators.learn.option.LearnOptions;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code contrastream bench drift}. */
@Command(
        name = "drift",
        description = {
            "Lets new learners learn streams of some classes at random, with a change in the second half: images with"
                    + " another class's label, or negatives. It comes at once to stay, gradually, or comes and goes; and one stream has"
                    + " none. Says after how many images the detectors of drift have found each onset, and how often they find"
                    + " something before there is anything.",
            "Of the errors, rises are alarms; --json has all changes, with the errors themselves, for benchmarks/peers/drift.py. What"
                    + " no option says is as a job has it by default."
        },
        mixinStandardHelpOptions = true)
public final class DriftCommand implements Callable<Integer> {

    private static final int TEN_THOUSAND = 10_000;
    private static final double EMBEDDING_THRESHOLD = 0.1;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--images",
            paramLabel = "SOURCE",
            defaultValue = "synthetic",
            description = "Data set: cifar100:DIR, folder:DIR or synthetic (default).")
    private String source;

    @Option(
            names = "--classes",
            paramLabel = "N",
            defaultValue = "5",
            description = "Classes of the stream (default: ${DEFAULT-VALUE}).")
    private int classes;

    @Option(
            names = "--length",
            paramLabel = "N",
            defaultValue = "8000",
            description = "Images of a stream (default: ${DEFAULT-VALUE}). They are drawn, and come again.")
    private int length;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of everything random (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Mixin
    private LearningChoice learning;

    @Option(names = "--json", description = "One JSON object instead of lines.")
    private boolean json;

    @Override
    public Integer call() {
        EncoderEngine engine = EncoderEngine.find();
        try (ImageSource images = valid(() -> ImageSource.open(source, seed))) {
            ModelOptions options = valid(() -> learning.options(settings(), seed));
            LearnOptions learn = options.learn();
            int batchSize = learn.learner().batchSize();
            int all = images.labels().size();
            if (classes < 2 || classes > all || length < 16 || length < batchSize) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--classes and --length are " + classes + " and " + length + ", but there must be 2 to " + all
                                + " classes of the data set, and 16 images and a mini-batch or more");
            }
            ExampleDecoder decoder = new ExampleDecoder(options.decode());
            ObjectNode report = null;
            ArrayNode streams = null;
            for (Change change : Change.values()) {
                for (Course course : Course.values()) {
                    if (course == Course.NONE && change != Change.LABELS) {
                        continue;
                    }
                    try (Encoder encoder = valid(() -> engine.create(
                                    learn.encoder(),
                                    learn.training(),
                                    learn.device(),
                                    learn.learner().seed()));
                            Learner learner = new Learner(learn.learner(), encoder)) {
                        if (report == null) {
                            report = where(engine, learn, encoder);
                            streams = report.putArray("streams");
                        }
                        new DriftBenchmark(images.labels().subList(0, classes), batchSize)
                                .run(
                                        learner,
                                        stream(images, decoder, streams.size()),
                                        new PlantedDrift(course, change, length, seed),
                                        streams.addObject());
                    }
                }
            }
            tell(report);
        } catch (EncoderMemoryException e) {
            throw e.advising("raise --memory-limit, or lower --batch or --recall");
        }
        return 0;
    }

    /** By default a job does not watch embeddings. */
    private static Configuration settings() {
        Configuration settings = new Configuration();
        settings.set(LearningSettings.DRIFT_EMBEDDING_THRESHOLD.option(), EMBEDDING_THRESHOLD);
        return settings;
    }

    private List<Example> stream(ImageSource images, ExampleDecoder decoder, int number) {
        List<Example> stream = new ArrayList<>(length);
        for (int i = 0; i < length; i++) {
            RandomStream random = RandomStream.of(seed, Purpose.SHUFFLE, i, 3 + number);
            int label = random.nextInt(classes);
            Example example = ClassStages.example(images, decoder, label, random.nextInt(images.size(label)));
            // An image that comes again is another one: its place in memory is not that of the first.
            stream.add(new Example(example.id() + "/" + i, example.label(), example.pixels(), i));
        }
        return stream;
    }

    private ObjectNode where(EncoderEngine engine, LearnOptions learn, Encoder encoder) {
        return new EncoderReport()
                .where(engine.name(), spec.root().version()[0], learn.device(), encoder.precision())
                .with(
                        encoder.spec(),
                        learn.training().optimizer().kind().toString(),
                        learn.learner().batchSize())
                .node()
                .put("images", source)
                .put("seed", seed)
                .put("classes", classes)
                .put("memory", learn.learner().replay().capacity())
                .put("error_delta", learn.learner().drift().errorDelta())
                .put("embedding_threshold", learn.learner().drift().embeddingThreshold())
                .put("window", learn.learner().drift().window());
    }

    private void tell(ObjectNode report) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(report.toString());
        } else {
            out.printf("%-10s %-7s %-28s %s%n", "course", "change", "errors found after", "embeddings found after");
            for (JsonNode stream : report.get("streams")) {
                out.printf(
                        "%-10s %-7s %-28s %s%n",
                        stream.get("course").asText(),
                        stream.get("course").asText().equals("none")
                                ? ""
                                : stream.get("change").asText(),
                        delays(stream, "error_"),
                        delays(stream, "embedding_"));
            }
            out.printf(
                    Locale.ROOT,
                    "false alarms per 10,000 images: errors %.1f, embeddings %.1f%n",
                    rate(report, "error_"),
                    rate(report, "embedding_"));
        }
        out.flush();
    }

    private static String delays(JsonNode stream, String prefix) {
        List<String> delays = new ArrayList<>();
        stream.get(prefix + "delays").forEach(delay -> delays.add(delay.asLong() < 0 ? "-" : delay.asText()));
        return String.join(" ", delays);
    }

    private static double rate(JsonNode report, String prefix) {
        long alarms = 0;
        long images = 0;
        for (JsonNode stream : report.get("streams")) {
            alarms += stream.get(prefix + "false_alarms").asLong();
            images += stream.get("quiet_images").asLong();
        }
        return (double) alarms * TEN_THOUSAND / images;
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
