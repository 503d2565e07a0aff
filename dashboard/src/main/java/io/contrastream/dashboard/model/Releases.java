package io.contrastream.dashboard.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.contrastream.schemas.EncoderRelease;
import java.util.Map;
import java.util.TreeMap;

/** Announced and refused releases, the newest {@value #KEPT}, with the figures of their gate. Not thread-safe. */
final class Releases {

    static final int KEPT = 50;

    private static final int MOST_FIGURES = 32;

    private final Ring<ObjectNode> newest = new Ring<>(KEPT);
    private boolean changed;

    void announced(EncoderRelease release) {
        ObjectNode row = JsonNodeFactory.instance
                .objectNode()
                .put("at", release.getReleasedAt().toEpochMilli())
                .put("model", release.getModel())
                .put("version", release.getEncoderVersion())
                .put("uri", release.getUri())
                .put("sha256", release.getSha256());
        ObjectNode figures = row.putObject("figures");
        new TreeMap<>(release.getMetrics())
                .entrySet().stream()
                        .limit(MOST_FIGURES)
                        .forEach((Map.Entry<String, Double> figure) -> figures.put(figure.getKey(), figure.getValue()));
        newest.add(row);
        changed = true;
    }

    void refused(long atMillis, String model, long version, String reason) {
        newest.add(JsonNodeFactory.instance
                .objectNode()
                .put("at", atMillis)
                .put("model", model)
                .put("version", version)
                .put("refused", reason));
        changed = true;
    }

    boolean changed() {
        return changed;
    }

    void markTold() {
        changed = false;
    }

    ArrayNode rows() {
        return JsonNodeFactory.instance.arrayNode().addAll(newest.newestFirst());
    }
}
