package io.contrastream.dashboard.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.contrastream.schemas.ClassPrototype;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Accuracy and prototype of every class: how its newest images were predicted before their label was used, and its prototype. As many classes as
 * there are {@link Labels}; told of are the {@value #TOLD} that were seen last. Not thread-safe.
 */
final class Classes {

    static final int TOLD = 300;

    private final Map<Integer, Figures> byLabel = new TreeMap<>();

    private static final class Figures {
        private final Hits hits = new Hits();
        private long seen;
        private long lastSeen;
        private ClassPrototype prototype;
    }

    /** An image of a class was predicted, then learned from. */
    void predicted(int label, boolean right, long atMillis) {
        Figures figures = byLabel.computeIfAbsent(label, unseen -> new Figures());
        figures.hits.add(right);
        figures.seen++;
        figures.lastSeen = Math.max(figures.lastSeen, atMillis);
    }

    /** A class has another prototype; null if it has none any more. */
    void prototype(int label, ClassPrototype prototype) {
        Figures figures = byLabel.computeIfAbsent(label, unseen -> new Figures());
        figures.prototype = prototype;
        if (prototype != null) {
            figures.lastSeen =
                    Math.max(figures.lastSeen, prototype.getUpdatedAt().toEpochMilli());
        }
    }

    /** All prototypes of one dimension, by the number of their class. */
    Map<Integer, ClassPrototype> prototypes(int dimension) {
        Map<Integer, ClassPrototype> prototypes = new TreeMap<>();
        byLabel.forEach((label, figures) -> {
            if (figures.prototype != null && figures.prototype.getVector().size() == dimension) {
                prototypes.put(label, figures.prototype);
            }
        });
        return prototypes;
    }

    int size() {
        return byLabel.size();
    }

    /** A row of numbers a class: label, images seen, predictions in the window, right ones among them, support and dispersion of the prototype. */
    ArrayNode rows() {
        ArrayNode rows = JsonNodeFactory.instance.arrayNode();
        List<Map.Entry<Integer, Figures>> newest = byLabel.entrySet().stream()
                .sorted(Comparator.comparingLong((Map.Entry<Integer, Figures> entry) -> -entry.getValue().lastSeen))
                .limit(TOLD)
                .sorted(Map.Entry.comparingByKey())
                .toList();
        newest.forEach(entry -> {
            Figures figures = entry.getValue();
            ArrayNode row = rows.addArray()
                    .add(entry.getKey())
                    .add(figures.seen)
                    .add(figures.hits.size())
                    .add(figures.hits.right());
            if (figures.prototype == null) {
                row.addNull().addNull();
            } else {
                row.add(figures.prototype.getSupport()).add(figures.prototype.getDispersion());
            }
        });
        return rows;
    }
}
