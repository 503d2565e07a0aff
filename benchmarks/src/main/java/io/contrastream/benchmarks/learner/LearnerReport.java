package io.contrastream.benchmarks.learner;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.contrastream.benchmarks.encoder.EncoderReport;
import io.contrastream.benchmarks.encoder.Timings;
import io.contrastream.learning.learner.LearnerOptions;
import java.util.Locale;

/** Measurements of a learner, with machine and settings: a JSON object, or lines for people. Other programs rely on the keys. */
final class LearnerReport {

    private final ObjectNode json;

    /** @param encoder where it ran and what network it was */
    LearnerReport(EncoderReport encoder, LearnerOptions learner, LearnerBenchmark.Figures figures) {
        json = encoder.node();
        json.put("recall", learner.replay().recallSize());
        json.put("memory", learner.replay().capacity());
        json.put("steps_per_batch", learner.steps().perBatch());
        json.put("augment_threads", learner.augmentThreads());
        json.put("mini_batches", figures.whole().count());
        json.put("images_per_second", figures.whole().perSecond(learner.batchSize()));
        put("mini_batch", figures.whole());
        put("encoder", figures.encoder());
        put("other", figures.other());
        json.put("other_share", figures.otherShare());
    }

    private void put(String what, Timings timings) {
        json.put(what + "_ms", timings.medianMillis());
        json.put(what + "_ms_p95", timings.percentileMillis(95));
    }

    String json() {
        return json.toString();
    }

    String text() {
        return String.join(
                System.lineSeparator(),
                format(
                        "%s, width %s, %s pixels a side, %s; %s on %s, %s threads, %s",
                        "architecture", "width", "size", "optimizer", "engine", "device", "threads", "cpu"),
                format(
                        "mini-batches of %s new and %s recalled images of %s, %s steps each, views on %s threads",
                        "batch", "recall", "memory", "steps_per_batch", "augment_threads"),
                timings("mini-batch", "mini_batch")
                        + String.format(
                                Locale.ROOT,
                                ", %.2f a second",
                                1e3 / json.get("mini_batch_ms").asDouble()),
                timings("encoder", "encoder"),
                timings("other", "other")
                        + String.format(
                                Locale.ROOT,
                                ", %.2f%% of the time",
                                100 * json.get("other_share").asDouble()));
    }

    private String format(String format, String... keys) {
        Object[] values = new Object[keys.length];
        for (int i = 0; i < keys.length; i++) {
            values[i] = json.get(keys[i]).asText();
        }
        return String.format(Locale.ROOT, format, values);
    }

    private String timings(String name, String key) {
        return String.format(
                Locale.ROOT,
                "%-10s %10.3f ms (p95 %.3f)",
                name,
                json.get(key + "_ms").asDouble(),
                json.get(key + "_ms_p95").asDouble());
    }
}
