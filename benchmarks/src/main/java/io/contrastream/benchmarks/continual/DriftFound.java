package io.contrastream.benchmarks.continual;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * Alarms of one detector, beside what was planted.
 *
 * @param alarms images learned from at each, ascending
 * @param onsets positions at which something begins to change, ascending
 * @param images of the stream
 */
record DriftFound(List<Long> alarms, List<Integer> onsets, int images) {

    /** Images from an onset to the first alarm before the next one; -1 if there is none. */
    List<Long> delays() {
        return onsets.stream()
                .map(onset -> alarms.stream()
                        .filter(alarm -> alarm > onset && alarm <= next(onset))
                        .findFirst()
                        .map(alarm -> alarm - onset)
                        .orElse(-1L))
                .toList();
    }

    private int next(int onset) {
        return onsets.stream().filter(other -> other > onset).findFirst().orElse(images);
    }

    /** Images of the stream before anything changes. */
    int quiet() {
        return onsets.isEmpty() ? images : onsets.get(0);
    }

    /** Alarms in these. */
    long falseAlarms() {
        return alarms.stream().filter(alarm -> alarm <= quiet()).count();
    }

    void putInto(ObjectNode json, String prefix) {
        ArrayNode at = json.putArray(prefix + "alarms");
        alarms.forEach(at::add);
        ArrayNode delays = json.putArray(prefix + "delays");
        delays().forEach(delays::add);
        json.put(prefix + "false_alarms", falseAlarms());
    }
}
