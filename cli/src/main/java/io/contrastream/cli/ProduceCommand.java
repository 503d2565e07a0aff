package io.contrastream.cli;

import io.contrastream.cli.produce.ImageSender;
import io.contrastream.cli.produce.ImageSender.Refused.Cause;
import io.contrastream.datasets.ImageSource;
import io.contrastream.datasets.ImageStream;
import io.contrastream.jobs.learning.JobOptions;
import io.contrastream.jobs.learning.ModelOptions;
import io.contrastream.operators.decode.ExampleDecoder;
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
            "Sends a data set of labelled images to a topic.",
            "Classes come one after another, a few at a time; 20 to 30%% of what comes later is of classes that were there "
                    + "before; the last tenth is of all classes mixed. No image is sent twice."
        },
        mixinStandardHelpOptions = true)
final class ProduceCommand implements Callable<Integer> {

    private static final int MOST_NAMED = 10;

    @Spec
    private CommandSpec spec;

    @Mixin
    private KafkaClient kafka;

    @Mixin
    private Images images;

    @Option(
            names = "--topic",
            paramLabel = "NAME",
            defaultValue = "labelled-images",
            description = "Where to (default: ${DEFAULT-VALUE}).")
    private String topic;

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
                    "YAML file of the job that is to learn the images (default: the job's defaults). An image that its"
                            + " image.* options reject before a pixel is decoded is named and not sent.")
    private String config;

    @Override
    public Integer call() throws Exception {
        if (rate != null && !(rate > 0)) {
            throw new ParameterException(spec.commandLine(), "--rate must be above 0, but is " + rate);
        }
        ExampleDecoder decoder = new ExampleDecoder(
                config == null
                        ? ModelOptions.of(new Configuration()).decode()
                        : JobOptions.parse("--config", config).decode());
        try (ImageSource source = images.open()) {
            ImageStream stream = images.stream(source, classes, limit);
            try (Topics topics = new Topics(kafka.bootstrapServers(), kafka.properties())) {
                topics.requireExisting(Map.of(Topic.LABELLED_IMAGES, topic));
            }
            long start = System.nanoTime();
            try (ImageSender sender =
                    new ImageSender(kafka.bootstrapServers(), kafka.properties(), topic, Clock.systemUTC(), decoder)) {
                send(source.name(), stream, sender);
                tellRefused(sender.refused());
                double seconds = (System.nanoTime() - start) / 1e9;
                spec.commandLine()
                        .getOut()
                        .printf(
                                Locale.ROOT,
                                "sent %d images of %d classes to %s in %.1f s%n",
                                sender.acknowledged(),
                                stream.classes(),
                                topic,
                                seconds);
                spec.commandLine().getOut().flush();
                return sender.refused().isEmpty() ? 0 : 1;
            }
        }
    }

    /** Names what was not sent, and which setting is in the way. */
    private void tellRefused(List<ImageSender.Refused> refused) {
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
        if (has(refused, Cause.KAFKA)) {
            tellLimits(err);
        }
        err.flush();
    }

    private static boolean has(List<ImageSender.Refused> refused, Cause cause) {
        return refused.stream().anyMatch(image -> image.cause() == cause);
    }

    private void tellLimits(PrintWriter err) {
        try (Topics topics = new Topics(kafka.bootstrapServers(), kafka.properties())) {
            OptionalLong limit = topics.maxMessageBytes(topic);
            err.printf(
                    "'%s' takes records of up to %s bytes, its max.message.bytes, and this command sends up to %s, its"
                            + " max.request.size: raise them (topics create --max-message-size for a new topic, kafka-configs"
                            + " --alter for this one), and image.max-encoded-size of the job with them%n",
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
