package io.contrastream.benchmarks.continual;

import com.fasterxml.jackson.databind.JsonNode;
import io.contrastream.benchmarks.continual.ContinualProgress.Part;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/** A report for people: lines, and a row of a table. */
record ContinualText(JsonNode json, ClassStages stages) {

    private static final int MOST_STAGES_NAMED = 20;

    /** Heading of the run. */
    String heading() {
        return String.join(
                System.lineSeparator(),
                format(
                        "%s, %s stem, width %s, %s pixels a side, recipe %s: %s with learning rate %s, temperature %s",
                        "architecture", "stem", "width", "size", "recipe", "optimizer", "learning_rate", "temperature"),
                format("%s on %s, %s, %s threads, %s", "engine", "device", "precision", "threads", "cpu"),
                format("%s classes of %s in %s stages, seed %s, ", "classes", "images", "stages", "seed")
                        + (stages.imagesPerClass() == 0
                                ? "all images"
                                : format("%s images a class", "images_per_class")),
                format("mini-batches of %s new and %s recalled images of %s", "batch", "recall", "memory"),
                "classes: "
                        + stages.classes().stream()
                                .limit(MOST_STAGES_NAMED)
                                .map(stage -> String.join(", ", stage))
                                .collect(Collectors.joining(" | "))
                        + (stages.classes().size() > MOST_STAGES_NAMED ? " | ..." : ""));
    }

    /** The stages of a part, such as {@code stage 3 of 5}. */
    String name(int part) {
        int[] numbers = stages.stages(part).map(stage -> stage + 1).toArray();
        return (numbers.length == 1
                        ? "stage " + numbers[0]
                        : "stages " + numbers[0] + " to " + numbers[numbers.length - 1])
                + " of " + stages.classes().size();
    }

    /** How the part in progress goes. */
    String standing(ContinualProgress progress) {
        String accuracy = String.format(
                Locale.ROOT,
                "accuracy %.1f%%",
                100
                        * progress.prequential()
                                .newest(json.get("prequential_window").asInt())
                                .orElseThrow());
        return progress.loss().isPresent()
                ? String.format(Locale.ROOT, "loss %.2f, ", progress.loss().getAsDouble()) + accuracy
                : accuracy;
    }

    /** The newest part. */
    String line(ContinualFigures figures) {
        List<Part> parts = figures.parts();
        AccuracyMatrix accuracy = figures.accuracy();
        int last = parts.size() - 1;
        Part part = parts.get(last);
        return name(last)
                + String.format(
                        Locale.ROOT,
                        ": %d images in %.1f s, loss %s; accuracy %.2f%% on %d classes:",
                        part.images(),
                        part.nanos() / 1e9,
                        part.loss() == null ? "unknown" : String.format(Locale.ROOT, "%.3f", part.loss()),
                        100 * accuracy.end(),
                        part.right().size())
                + IntStream.rangeClosed(0, last)
                        .mapToObj(of -> String.format(Locale.ROOT, " %.1f", 100 * accuracy.accuracy(last, of)))
                        .collect(Collectors.joining());
    }

    /** The figures, once measured. */
    String summary() {
        long recognised = StreamSupport.stream(json.get("per_class").spliterator(), false)
                .filter(label -> !label.get("images_until_recognised").isNull())
                .count();
        return String.join(
                System.lineSeparator(),
                "end accuracy " + percent("end_accuracy") + ", average over stages " + percent("average_accuracy")
                        + ", forgetting " + percent("forgetting") + ", backward transfer "
                        + percent("backward_transfer") + ", forward transfer " + percent("forward_transfer"),
                "the class among the " + json.get("top_k").asInt() + " nearest: " + percent("end_top_k_accuracy"),
                "predicted before learned: " + percent("prequential_accuracy") + " right; by "
                        + json.get("prequential_window").asInt() + " images: " + list("prequential", 100, "%.1f"),
                recognised + " of " + json.get("per_class").size() + " classes recognised, the median class after "
                        + number("images_until_recognised", "%.0f images"),
                "test images between tests: mean cosine " + list("embedding_cosine", 1, "%.3f") + ", neighbours kept "
                        + list("neighbour_overlap", 1, "%.3f"),
                number("images_per_second", "%.1f images/s") + " learned, "
                        + number("cpu_ms_per_image", "%.1f ms of processors' time an image") + ", peak memory "
                        + mebibytes("peak_rss_bytes")
                        + ", of the device " + mebibytes("peak_device_bytes"));
    }

    /** A table of one row, in Markdown. */
    String markdown() {
        return String.join(
                System.lineSeparator(),
                "| protocol | recipe | seed | end | average | forgetting | prequential | images until recognised"
                        + " | images/s | peak memory |",
                "|---|---|---|---|---|---|---|---|---|---|",
                format("| `%s` | `%s` | %s | ", "protocol", "recipe", "seed") + percent("end_accuracy") + " | "
                        + percent("average_accuracy") + " | " + percent("forgetting") + " | "
                        + percent("prequential_accuracy") + " | " + number("images_until_recognised", "%.0f") + " | "
                        + number("images_per_second", "%.1f") + " | "
                        + mebibytes("peak_rss_bytes") + " |");
    }

    private String format(String format, String... keys) {
        Object[] values = new Object[keys.length];
        for (int i = 0; i < keys.length; i++) {
            values[i] = json.get(keys[i]).asText();
        }
        return String.format(Locale.ROOT, format, values);
    }

    private String mebibytes(String key) {
        return json.get(key).isNull() ? "unknown" : (json.get(key).asLong() >> 20) + " MiB";
    }

    private String percent(String key) {
        JsonNode share = json.get(key);
        return share.isNull() ? "not defined" : String.format(Locale.ROOT, "%.2f%%", 100 * share.asDouble());
    }

    private String number(String key, String format) {
        JsonNode number = json.get(key);
        return number.isNull() ? "not defined" : String.format(Locale.ROOT, format, number.asDouble());
    }

    private String list(String key, int factor, String format) {
        return json.get(key).isEmpty()
                ? "not defined"
                : StreamSupport.stream(json.get(key).spliterator(), false)
                        .map(value -> String.format(Locale.ROOT, format, factor * value.asDouble()))
                        .collect(Collectors.joining(" "));
    }
}
