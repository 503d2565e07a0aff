package io.contrastream.benchmarks;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.contrastream.benchmarks.ContinualBenchmark.Stage;
import io.contrastream.learning.learner.LearnerOptions;
import io.contrastream.operators.learn.LearnOptions;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What was measured of continual learning, where and with what: a JSON object, or lines for people. Other programs rely on the keys. */
final class ContinualReport {

    private final ObjectNode json;
    private final List<List<String>> classes;
    private AccuracyMatrix accuracy;

    /** @param encoder where it runs and what network it is */
    ContinualReport(EncoderReport encoder, String images, Protocol protocol, ClassStages stages, LearnOptions learn) {
        LearnerOptions learner = learn.learner();
        classes = stages.classes();
        json = encoder.node();
        json.put("learning_rate", learn.training().optimizer().learningRate());
        json.put("temperature", learn.training().temperature());
        json.put("recall", learner.recallSize());
        json.put("memory", learner.replayCapacity());
        json.put("reservoir", learner.reservoir().toString());
        json.put("steps_per_batch", learner.stepsPerBatch());
        json.put("first_view_plain", learner.augment().firstViewPlain());
        json.put("images", images);
        json.put("protocol", protocol.toString());
        json.put("classes", classes.stream().mapToInt(List::size).sum());
        json.put("stages", classes.size());
        json.put("images_per_class", stages.imagesPerClass());
        json.put("seed", learner.seed());
        ArrayNode order = json.putArray("class_order");
        classes.forEach(stage -> stage.forEach(order.addArray()::add));
    }

    /** What is about to be done. */
    String heading() {
        return String.join(
                System.lineSeparator(),
                format(
                        "%s, %s stem, width %s, %s pixels a side, %s with learning rate %s, temperature %s",
                        "architecture", "stem", "width", "size", "optimizer", "learning_rate", "temperature"),
                format("%s on %s, %s, %s threads, %s", "engine", "device", "precision", "threads", "cpu"),
                format("%s classes of %s in %s stages, seed %s, ", "classes", "images", "stages", "seed")
                        + (json.get("images_per_class").asInt() == 0
                                ? "all images"
                                : format("%s images a class", "images_per_class")),
                format("mini-batches of %s new and %s recalled images of %s", "batch", "recall", "memory"),
                "classes: "
                        + classes.stream()
                                .map(stage -> String.join(", ", stage))
                                .collect(Collectors.joining(" | ")));
    }

    /** A stage that has ended. */
    String line(Stage stage) {
        int number = stage.accuracy().stages();
        int seen = classes.subList(0, number).stream().mapToInt(List::size).sum();
        return String.format(
                        Locale.ROOT,
                        "stage %d of %d: %d images in %.1f s, loss %s; accuracy %.2f%% on %d classes:",
                        number,
                        classes.size(),
                        stage.images(),
                        seconds(stage),
                        stage.loss().isPresent()
                                ? String.format(
                                        Locale.ROOT, "%.3f", stage.loss().getAsDouble())
                                : "unknown",
                        100 * stage.accuracy().end(),
                        seen)
                + IntStream.range(0, number)
                        .mapToObj(of -> String.format(
                                Locale.ROOT, " %.1f", 100 * stage.accuracy().accuracy(number - 1, of)))
                        .collect(Collectors.joining());
    }

    /**
     * @param stages all of them
     * @param peakDeviceBytes memory of the device, where the engine tells
     */
    void measured(List<Stage> stages, OptionalLong peakDeviceBytes) {
        accuracy = stages.get(stages.size() - 1).accuracy();
        int images = stages.stream().mapToInt(Stage::images).sum();
        json.put("train_images", images);
        json.put(
                "images_per_second",
                images / stages.stream().mapToDouble(ContinualReport::seconds).sum());
        ArrayNode losses = json.putArray("loss");
        ArrayNode seconds = json.putArray("train_seconds");
        stages.forEach(stage -> {
            losses.add(number(stage.loss()));
            seconds.add(seconds(stage));
        });
        accuracy.images().forEach(json.putArray("test_images")::add);
        ArrayNode matrix = json.putArray("accuracy_matrix");
        ArrayNode seen = json.putArray("accuracy");
        for (int after = 0; after < accuracy.stages(); after++) {
            ArrayNode row = matrix.addArray();
            for (int of = 0; of <= after; of++) {
                row.add(accuracy.accuracy(after, of));
            }
            seen.add(accuracy.accuracy(after));
        }
        json.put("end_accuracy", accuracy.end());
        json.put("average_accuracy", accuracy.average());
        json.put("forgetting", number(accuracy.forgetting()));
        json.put("backward_transfer", number(accuracy.backwardTransfer()));
        json.put("peak_rss_bytes", number(Machine.peakResidentBytes()));
        json.put("peak_device_bytes", number(peakDeviceBytes));
    }

    String json() {
        return json.toPrettyString();
    }

    /** The figures of all stages, once measured. */
    String text() {
        return String.format(
                        Locale.ROOT,
                        "end accuracy %.2f%%, average over stages %.2f%%, forgetting %s, backward transfer %s%n",
                        100 * accuracy.end(),
                        100 * accuracy.average(),
                        percent(accuracy.forgetting()),
                        percent(accuracy.backwardTransfer()))
                + String.format(
                        Locale.ROOT,
                        "%.1f images/s learned, peak memory %s, of the device %s",
                        json.get("images_per_second").asDouble(),
                        mebibytes("peak_rss_bytes"),
                        mebibytes("peak_device_bytes"));
    }

    private String mebibytes(String key) {
        return json.get(key).isNull() ? "unknown" : (json.get(key).asLong() >> 20) + " MiB";
    }

    private String format(String format, String... keys) {
        Object[] values = new Object[keys.length];
        for (int i = 0; i < keys.length; i++) {
            values[i] = json.get(keys[i]).asText();
        }
        return String.format(Locale.ROOT, format, values);
    }

    private static double seconds(Stage stage) {
        return stage.learning().toNanos() / 1e9;
    }

    private static Long number(OptionalLong value) {
        return value.isPresent() ? (Long) value.getAsLong() : null;
    }

    private static Double number(OptionalDouble value) {
        return value.isPresent() ? (Double) value.getAsDouble() : null;
    }

    private static String percent(OptionalDouble share) {
        return share.isPresent() ? String.format(Locale.ROOT, "%.2f%%", 100 * share.getAsDouble()) : "not defined";
    }
}
