package io.contrastream.cli;

import io.contrastream.cli.produce.ImageSender;
import io.contrastream.cli.produce.ImageSender.Refused.Cause;
import io.contrastream.cli.produce.SentAs;
import io.contrastream.datasets.ImageSource;
import io.contrastream.datasets.ImageStream;
import io.contrastream.jobs.embedding.EmbeddingOptions;
import io.contrastream.jobs.learning.JobOptions;
import io.contrastream.jobs.learning.ModelOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.operators.Count;
import io.contrastream.operators.decode.DecodeOptions;
import io.contrastream.operators.decode.SeveralLabels;
import io.contrastream.operators.decode.Unlabelled;
import io.contrastream.schemas.RecordFormat;
import io.contrastream.topics.Topic;
import io.contrastream.topics.Topics;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code contrastream produce}. */
@Command(
        name = "produce",
        description = {
            "Sends a data set of labelled images to a topic, or with --queries images to embed, without labels.",
            "Classes come one after another, a few at a time; 20 to 30%% of what comes later is of classes that were"
                    + " there before; the last tenth is of all classes mixed. No image is sent twice."
        },
        mixinStandardHelpOptions = true)
final class ProduceCommand implements Callable<Integer> {

    private static final int MOST_NAMED = 10;

    /** The shape that queries are brought to comes from the release that embeds them. */
    private static final ImageShape ANY_SHAPE = new ImageShape(3, 32, 32);

    @Spec
    private CommandSpec spec;

    @Mixin
    private KafkaClient kafka;

    @Mixin
    private TopicFormats formats;

    @Mixin
    private Images images;

    @Option(
            names = "--queries",
            description = {
                "Sends the images without their labels, as ImageQuery, for the embedding job.",
                "Of folder:DIR these are all images in it and below it, of csv:FILE all that it names, of cifar100:DIR"
                        + " those of test.bin. An image"
                        + " keeps its id, and its embedding takes the place of one that it has been given as a labelled"
                        + " image."
            })
    private boolean queries;

    @Option(
            names = "--labels",
            description =
                    "Sends the labels alone, as ImageLabel, for images that --queries --topic images has sent or will.")
    private boolean labels;

    @Option(
            names = "--topic",
            paramLabel = "NAME",
            description = "Where to (default: labelled-images; with --queries image-queries, with --labels labels).")
    private String topicName;

    @Option(names = "--classes", paramLabel = "N", description = "How many classes (default: all).")
    private int classes;

    @Option(names = "--limit", paramLabel = "N", description = "How many images (default: all).")
    private int limit;

    @Option(names = "--rate", paramLabel = "R", description = "Most images in a second (default: no limit).")
    private Double rate;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description =
                    "YAML file of the job that is to read the images (default: the job's defaults). An image that its"
                            + " options, such as image.max-pixels and learner.several-labels, reject before a pixel is"
                            + " decoded is named and not sent.")
    private String config;

    @Override
    public Integer call() throws Exception {
        if (rate != null && !(rate > 0)) {
            throw new ParameterException(spec.commandLine(), "--rate must be above 0, but is " + rate);
        }
        if (queries && labels) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--queries sends images without labels, --labels the labels alone: use one of them");
        }
        SentAs sentAs = labels ? labelsAlone() : queries ? imageQueries() : labelledImages();
        Topic kind = labels ? Topic.LABELS : queries ? Topic.IMAGE_QUERIES : Topic.LABELLED_IMAGES;
        String topic = topicName == null ? kind.id() : topicName;
        RecordFormat format = formats.of(kind, topic, kafka).readyToWrite();
        try (ImageSource source = queries ? images.openUnlabelled() : images.open()) {
            ImageStream stream = images.stream(source, classes, limit);
            try (Topics topics = new Topics(kafka.bootstrapServers(), kafka.properties())) {
                topics.requireExisting(Map.of(kind, topic));
            }
            long start = System.nanoTime();
            try (ImageSender sender = new ImageSender(
                    kafka.bootstrapServers(), kafka.properties(), topic, format, Clock.systemUTC(), sentAs)) {
                send(source.name(), stream, sender);
                tellRefused(sender.refused(), topic);
                double seconds = (System.nanoTime() - start) / 1e9;
                spec.commandLine()
                        .getOut()
                        .printf(
                                Locale.ROOT,
                                "sent %s %s to %s in %.1f s%n",
                                Count.of(sender.acknowledged(), labels ? "label" : "image"),
                                queries ? "without labels" : "of " + Count.of(classes(source, stream), "class"),
                                topic,
                                seconds);
                spec.commandLine().getOut().flush();
                return sender.refused().isEmpty() ? 0 : 1;
            }
        }
    }

    private SentAs labelsAlone() {
        return SentAs.labels(
                config == null
                        ? SeveralLabels.REJECT
                        : JobOptions.parse("--config", config).severalLabels());
    }

    private SentAs labelledImages() {
        if (config == null) {
            return SentAs.labelledImages(defaults(), Unlabelled.REJECT, SeveralLabels.REJECT);
        }
        JobOptions job = JobOptions.parse("--config", config);
        return SentAs.labelledImages(job.decode(), job.unlabelled(), job.severalLabels());
    }

    private SentAs imageQueries() {
        return SentAs.imageQueries(
                config == null
                        ? defaults()
                        : EmbeddingOptions.parse("--config", config).decode().apply(ANY_SHAPE));
    }

    private static DecodeOptions defaults() {
        return ModelOptions.of(new Configuration()).decode();
    }

    /** Classes of the images, among which those without label are none. */
    private static int classes(ImageSource source, ImageStream stream) {
        return (int) source.labels().stream()
                .limit(stream.classes())
                .filter(label -> !label.isEmpty())
                .count();
    }

    /** Names what was not sent, and which setting is in the way. */
    private void tellRefused(List<ImageSender.Refused> refused, String topic) {
        if (refused.isEmpty()) {
            return;
        }
        PrintWriter err = spec.commandLine().getErr();
        for (ImageSender.Refused image : refused.subList(0, Math.min(MOST_NAMED, refused.size()))) {
            err.printf("%s: not sent: %s%n", image.id(), image.message());
        }
        if (refused.size() > MOST_NAMED) {
            err.printf("and %d more that were not sent%n", refused.size() - MOST_NAMED);
        }
        if (has(refused, Cause.LIMIT)) {
            err.println(
                    "The largest image and the most pixels are image.max-encoded-size and image.max-pixels of the job;"
                            + " --config FILE gives its options to this command");
        }
        if (has(refused, Cause.LABELS) && config == null) {
            err.println("Whether images without label, and with several, are taken is learner.unlabelled and"
                    + " learner.several-labels of the job; --config FILE gives its options to this command");
        }
        if (has(refused, Cause.KAFKA)) {
            tellLimits(err, topic);
        }
        err.flush();
    }

    private static boolean has(List<ImageSender.Refused> refused, Cause cause) {
        return refused.stream().anyMatch(image -> image.cause() == cause);
    }

    private void tellLimits(PrintWriter err, String topic) {
        try (Topics topics = new Topics(kafka.bootstrapServers(), kafka.properties())) {
            OptionalLong limit = topics.maxMessageBytes(topic);
            err.printf(
                    "'%s' takes records of up to %s bytes, its max.message.bytes, and this command sends up to %s, its"
                            + " max.request.size: raise them (topics create --max-message-size for a new topic,"
                            + " kafka-configs --alter for this one), and image.max-encoded-size of the job with them%n",
                    topic,
                    limit.isPresent() ? Long.toString(limit.getAsLong()) : "an unknown number of",
                    kafka.properties()
                            .getOrDefault("max.request.size", Integer.toString(ImageSender.LARGEST_REQUEST_BYTES)));
        }
    }

    private void send(String source, ImageStream stream, ImageSender sender) throws Exception {
        FutureTask<Void> sending = new FutureTask<>(() -> {
            sender.send(source, stream, rate == null ? ImageSender.UNLIMITED : rate);
            return null;
        });
        Thread thread = new Thread(sending, "contrastream-producer");
        thread.setDaemon(true);
        thread.start();
        try (Progress progress = Progress.of("Sending", stream.size())) {
            while (true) {
                try {
                    sending.get(200, TimeUnit.MILLISECONDS);
                    progress.update(sender.acknowledged(), "");
                    return;
                } catch (TimeoutException stillSending) {
                    progress.update(sender.acknowledged(), "");
                }
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } finally {
            thread.interrupt();
            thread.join();
        }
    }
}
