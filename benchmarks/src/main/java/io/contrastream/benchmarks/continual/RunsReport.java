package io.contrastream.benchmarks.continual;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Figures of several runs: means and spreads of every setting, and what it costs.
 *
 * @param settings by name, in the order in which they were named
 * @param seeds of every setting
 * @param choosing whether the settings are compared by their end accuracy, best first, rather than reported in their order
 */
record RunsReport(Map<String, Map<String, String>> settings, List<Long> seeds, boolean choosing, List<Run> runs) {

    private static final String END = "end_accuracy";

    private static final List<String> FIGURES = List.of(
            END,
            "average_accuracy",
            "forgetting",
            "backward_transfer",
            "forward_transfer",
            "prequential_accuracy",
            "end_top_k_accuracy",
            "images_until_recognised",
            "images_per_second",
            "cpu_ms_per_image",
            "peak_rss_bytes",
            "peak_device_bytes");

    /**
     * A figure over runs.
     *
     * @param deviation the sample's standard deviation; NaN of one run
     */
    record Spread(int runs, double mean, double deviation) {

        /** Of the values; empty of none. */
        static Optional<Spread> of(double... values) {
            if (values.length == 0) {
                return Optional.empty();
            }
            double mean = DoubleStream.of(values).average().orElseThrow();
            double squares = DoubleStream.of(values)
                    .map(value -> (value - mean) * (value - mean))
                    .sum();
            return Optional.of(new Spread(
                    values.length, mean, values.length == 1 ? Double.NaN : Math.sqrt(squares / (values.length - 1))));
        }

        String text(double factor, String format) {
            String number = String.format(Locale.ROOT, format, factor * mean);
            return runs == 1 ? number : number + " ± " + String.format(Locale.ROOT, format, factor * deviation);
        }
    }

    private List<JsonNode> ended(String setting) {
        return runs.stream()
                .filter(run -> run.setting().equals(setting))
                .flatMap(run -> run.report().stream())
                .toList();
    }

    private Optional<Spread> spread(String setting, String figure) {
        return Spread.of(ended(setting).stream()
                .map(report -> report.get(figure))
                .filter(value -> !value.isNull())
                .mapToDouble(JsonNode::asDouble)
                .toArray());
    }

    /** Milliseconds an image: of processors' time on a CPU, else as they passed. */
    private OptionalDouble cost(String setting) {
        return ended(setting).stream()
                .mapToDouble(report -> report.get("device").asText().equals("cpu")
                                && !report.get("cpu_ms_per_image").isNull()
                        ? report.get("cpu_ms_per_image").asDouble()
                        : 1000 / report.get("images_per_second").asDouble())
                .average();
    }

    /** Settings as they are told: the best first if one is to be chosen, those without a run last. */
    private List<String> order() {
        List<String> names = new ArrayList<>(settings.keySet());
        if (choosing) {
            names.sort(Comparator.comparingDouble(
                    name -> -spread(name, END).map(Spread::mean).orElse(-1.0)));
        }
        return names;
    }

    /** A table in Markdown, a row a setting, and below it which is the best if one is to be chosen. */
    String text() {
        List<String> lines = new ArrayList<>();
        lines.add(
                "| setting | orders | end | average | forgetting | prequential | 5 nearest | images/s | CPU ms an image"
                        + " | cost | peak memory |");
        lines.add("|---|---|---|---|---|---|---|---|---|---|---|");
        OptionalDouble first = cost(settings.keySet().iterator().next());
        for (String name : order()) {
            OptionalDouble cost = cost(name);
            lines.add("| `" + name + "` | " + ended(name).size() + " of " + seeds.size() + " | "
                    + List.of(END, "average_accuracy", "forgetting", "prequential_accuracy", "end_top_k_accuracy")
                            .stream()
                            .map(figure -> text(name, figure, 100, "%.2f"))
                            .collect(Collectors.joining(" | "))
                    + " | " + text(name, "images_per_second", 1, "%.1f")
                    + " | " + text(name, "cpu_ms_per_image", 1, "%.1f")
                    + " | "
                    + (cost.isPresent() && first.isPresent()
                            ? String.format(Locale.ROOT, "%.2f", cost.getAsDouble() / first.getAsDouble())
                            : "")
                    + " | "
                    + spread(name, "peak_rss_bytes")
                            .map(spread -> String.format(Locale.ROOT, "%.0f MiB", spread.mean() / (1 << 20)))
                            .orElse("")
                    + " |");
        }
        if (choosing) {
            lines.add(choice());
        }
        return String.join(System.lineSeparator(), lines);
    }

    private String text(String name, String figure, double factor, String format) {
        return spread(name, figure).map(spread -> spread.text(factor, format)).orElse("");
    }

    /** The setting that is the best on all orders; empty while runs are missing, and if none is to be chosen. */
    Optional<String> best() {
        boolean whole = settings.keySet().stream().allMatch(name -> ended(name).size() == seeds.size());
        return choosing && whole ? Optional.of(order().get(0)) : Optional.empty();
    }

    private String choice() {
        Optional<String> best = best();
        if (best.isEmpty()) {
            return "No setting is chosen before all runs have ended.";
        }
        if (settings.size() == 1) {
            return "Best by end accuracy: " + best.get();
        }
        String second = order().get(1);
        List<JsonNode> ours = ended(best.get());
        List<JsonNode> theirs = ended(second);
        Spread ahead = Spread.of(IntStream.range(0, seeds.size())
                        .mapToDouble(i -> ours.get(i).get(END).asDouble()
                                - theirs.get(i).get(END).asDouble())
                        .toArray())
                .orElseThrow();
        return "Best by end accuracy: " + best.get() + ", on the same orders " + ahead.text(100, "%.2f")
                + " points above " + second;
    }

    /** All figures. */
    ObjectNode json() {
        ObjectNode json = new ObjectMapper().createObjectNode();
        json.put("choosing", choosing);
        json.put("best", best().orElse(null));
        seeds.forEach(json.putArray("seeds")::add);
        ArrayNode all = json.putArray("settings");
        for (String name : order()) {
            ObjectNode setting = all.addObject().put("setting", name);
            ObjectNode options = setting.putObject("options");
            new TreeMap<>(settings.get(name)).forEach(options::put);
            ObjectNode mean = setting.putObject("mean");
            ObjectNode deviation = setting.putObject("standard_deviation");
            for (String figure : FIGURES) {
                Optional<Spread> spread = spread(name, figure);
                mean.put(figure, spread.map(Spread::mean).orElse(null));
                deviation.put(
                        figure,
                        spread.map(Spread::deviation)
                                .filter(value -> !value.isNaN())
                                .orElse(null));
            }
            ended(name).forEach(setting.putArray("runs")::add);
        }
        return json;
    }

    /** Comma-separated values: a line a run that has ended. */
    String csv() {
        StringBuilder lines = new StringBuilder("setting,seed,")
                .append(String.join(",", FIGURES))
                .append('\n');
        for (String name : settings.keySet()) {
            for (JsonNode report : ended(name)) {
                lines.append(name).append(',').append(report.get("seed").asLong());
                FIGURES.forEach(figure -> lines.append(',')
                        .append(
                                report.get(figure).isNull()
                                        ? ""
                                        : report.get(figure).asText()));
                lines.append('\n');
            }
        }
        return lines.toString();
    }
}
