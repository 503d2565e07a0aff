package io.contrastream.benchmarks.continual;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The figures of a run part by part, as other programs draw them. */
final class StageTable {

    private StageTable() {}

    /**
     * The scalars of a part that has been tested, by name.
     *
     * @param report measured
     */
    static Map<String, Double> scalars(JsonNode report, int part) {
        Map<String, Double> scalars = new LinkedHashMap<>();
        put(scalars, "accuracy", report.get("accuracy").get(part));
        put(scalars, "top_k_accuracy", report.get("top_k_accuracy").get(part));
        for (int of = 0; of <= part; of++) {
            put(
                    scalars,
                    "accuracy_of_part/" + (of + 1),
                    report.get("accuracy_matrix").get(part).get(of));
        }
        put(scalars, "loss", report.get("loss").get(part));
        put(scalars, "train_seconds", report.get("train_seconds").get(part));
        put(scalars, "cpu_seconds", report.get("cpu_seconds").get(part));
        if (part > 0) {
            put(scalars, "embedding_cosine", report.get("embedding_cosine").get(part - 1));
            put(scalars, "neighbour_overlap", report.get("neighbour_overlap").get(part - 1));
        }
        return scalars;
    }

    private static void put(Map<String, Double> scalars, String name, JsonNode value) {
        if (!value.isNull()) {
            scalars.put(name, value.asDouble());
        }
    }

    /** Images that had been learned by the end of every part. */
    static List<Integer> images(JsonNode report) {
        List<Integer> images = new ArrayList<>();
        int learned = 0;
        for (JsonNode part : report.get("part_images")) {
            learned += part.asInt();
            images.add(learned);
        }
        return images;
    }

    /**
     * Comma-separated values: a line a part, with the accuracy on the classes of each, empty where there is no figure.
     *
     * @param report measured
     */
    static String csv(JsonNode report) {
        List<Integer> images = images(report);
        List<String> names = new ArrayList<>(List.of(
                "accuracy",
                "top_k_accuracy",
                "loss",
                "train_seconds",
                "cpu_seconds",
                "embedding_cosine",
                "neighbour_overlap"));
        for (int of = 1; of <= images.size(); of++) {
            names.add("accuracy_of_part/" + of);
        }
        StringBuilder lines = new StringBuilder("part,images,")
                .append(String.join(",", names))
                .append('\n');
        for (int part = 0; part < images.size(); part++) {
            Map<String, Double> scalars = scalars(report, part);
            lines.append(part + 1).append(',').append(images.get(part));
            names.forEach(name -> lines.append(',').append(scalars.containsKey(name) ? scalars.get(name) : ""));
            lines.append('\n');
        }
        return lines.toString();
    }
}
