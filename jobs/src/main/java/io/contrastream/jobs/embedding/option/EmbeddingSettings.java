package io.contrastream.jobs.embedding.option;

import static org.apache.flink.configuration.ConfigOptions.key;

import io.contrastream.jobs.option.Allowed;
import io.contrastream.jobs.option.Location;
import io.contrastream.jobs.option.Setting;
import java.time.Duration;
import java.util.List;

/** Options of how queries are embedded. */
public final class EmbeddingSettings {

    public static final Setting<String> MODEL = new Setting<>(
            key("model.name")
                    .stringType()
                    .defaultValue("encoder")
                    .withDescription("Model whose releases the job embeds with."),
            Allowed.text("1 to 100 letters, digits, dots, underscores and dashes", "[a-zA-Z0-9._-]{1,100}"));

    public static final Setting<String> RELEASE = new Setting<>(
            key("embedding.release")
                    .stringType()
                    .noDefaultValue()
                    .withDescription(
                            "Release to begin with, as the URI of its folder; the job goes over to any that is announced"
                                    + " later. Not set: the newest announced. When the job goes on from a savepoint or checkpoint,"
                                    + " it begins with the one that it had come to."),
            new Allowed<>("an absolute path or a URI such as s3://bucket/releases/encoder/2000", Location::isAbsolute));

    public static final Setting<Integer> BATCH_SIZE = new Setting<>(
            key("embedding.batch-size")
                    .intType()
                    .defaultValue(32)
                    .withDescription("Most images of a micro-batch, which are embedded at once."),
            Allowed.wholeNumberIn(1, 4096));

    public static final Setting<Duration> BATCH_DELAY = new Setting<>(
            key("embedding.batch-delay")
                    .durationType()
                    .defaultValue(Duration.ofMillis(20))
                    .withDescription("Longest that an image waits for its micro-batch to be full."),
            Allowed.durationFrom(Duration.ZERO, "0 s"));

    public static final Setting<Integer> THREADS = new Setting<>(
            key("embedding.threads")
                    .intType()
                    .defaultValue(1)
                    .withDescription(
                            "Threads of ONNX Runtime in every parallel instance; 0 for as many as there are cores."
                                    + " With more instances, one thread in each embeds more images than more threads in one."),
            Allowed.wholeNumberIn(0, 1024));

    public static final Setting<Double> FALSE_ALARM_RATE = new Setting<>(
            key("embedding.false-alarm-rate")
                    .doubleType()
                    .defaultValue(0.05)
                    .withDescription(
                            "Share of the images of known classes that may be called unknown. The threshold is taken from"
                                    + " the release's held-out images (release.held-out-share of the learning job); if there are"
                                    + " fewer than 1 / rate of them, or the rate is 0, no image is judged."),
            Allowed.shareUpTo("0.5"));

    public static final Setting<Integer> NEAREST_LABELS = new Setting<>(
            key("embedding.nearest-labels")
                    .intType()
                    .defaultValue(1)
                    .withDescription("Labels that an answer names, of the nearest prototypes, in descending order of"
                            + " similarity: the first in nearestLabel and nearestSimilarity, the others in"
                            + " furtherNearestLabels and furtherNearestSimilarities."),
            Allowed.wholeNumberIn(1, 16));

    static final List<Setting<?>> ALL =
            List.of(MODEL, RELEASE, BATCH_SIZE, BATCH_DELAY, THREADS, FALSE_ALARM_RATE, NEAREST_LABELS);

    private EmbeddingSettings() {}
}
