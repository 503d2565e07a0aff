package io.contrastream.learning.learner;

import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Fingerprint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Checks whether a stored state fits a learner's options and encoder, and its replay slots fit it. */
final class Fit {

    private static final int NAMES_TOLD = 3;

    private Fit() {}

    /** @throws IllegalArgumentException naming what differs, with both values */
    static void check(LearnerOptions options, EncoderSpec spec, LearnerState state) {
        LearnerProgress progress = state.progress();
        List<String> differences = differences(state.encoder().fingerprint(), spec.fingerprint());
        if (progress.reservoir() != options.replay().reservoir()) {
            differences.add("reservoir is " + progress.reservoir() + " in the state, but "
                    + options.replay().reservoir() + " in the options");
        }
        if (progress.replayCapacity() > options.replay().capacity()) {
            differences.add("replay capacity is " + progress.replayCapacity() + " in the state, but only "
                    + options.replay().capacity() + " in the options: memory can grow, not shrink");
        }
        List<String> notFinite = notFinite(state);
        if (!notFinite.isEmpty()) {
            int more = notFinite.size() - NAMES_TOLD;
            differences.add("it has values that are not finite in "
                    + String.join(", ", notFinite.subList(0, Math.min(NAMES_TOLD, notFinite.size())))
                    + (more > 0 ? " and " + more + " more" : "") + ": go back to an earlier one");
        }
        if (!differences.isEmpty()) {
            throw new IllegalArgumentException("the state does not fit: " + String.join("; ", differences));
        }
    }

    private static List<String> notFinite(LearnerState state) {
        List<String> names = new ArrayList<>(state.encoder().notFinite());
        state.progress().classStatistics().stream()
                .filter(statistics -> !Arrays.stream(statistics.mean()).allMatch(Double::isFinite))
                .map(statistics -> "the prototype of class '" + statistics.label() + "'")
                .forEach(names::add);
        return names;
    }

    private static List<String> differences(String stored, String wanted) {
        Fingerprint there = Fingerprint.parse(stored);
        Fingerprint here = Fingerprint.parse(wanted);
        List<String> differences = new ArrayList<>();
        for (String name : here.differences(there)) {
            String other = there.all().get(name);
            String own = here.all().get(name);
            differences.add(
                    own == null
                            ? name + " is " + other + " in the state, but unknown here"
                            : name + " is " + (other == null ? "not set" : other) + " in the state, but " + own
                                    + " in the options");
        }
        return differences;
    }

    /** @throws IllegalArgumentException if a slot is missing, or the slots are not those that the progress counts */
    static void checkSlots(LearnerProgress progress, EncoderSpec spec, Map<Integer, Example> slots) {
        Map<String, Integer> stored = new HashMap<>();
        for (int slot = 0; slot < slots.size(); slot++) {
            Example example = slots.get(slot);
            if (example == null) {
                throw new IllegalArgumentException(
                        "there are " + slots.size() + " replay slots, but slot " + slot + " is missing");
            }
            if (example.pixels().length != spec.input().size()) {
                throw new IllegalArgumentException(
                        "replay slot " + slot + " has " + example.pixels().length + " pixel values, but an image of "
                                + spec.input() + " has " + spec.input().size());
            }
            example.labels().forEach(label -> stored.merge(label, 1, Integer::sum));
        }
        for (ClassProgress statistics : progress.classStatistics()) {
            int count = stored.getOrDefault(statistics.label(), 0);
            if (statistics.support() != count) {
                throw new IllegalArgumentException("the state counts " + statistics.support() + " images of class '"
                        + statistics.label() + "' in memory, but the replay slots have " + count);
            }
            if (statistics.mean().length != spec.embeddingSize()) {
                throw new IllegalArgumentException("the prototype of class '" + statistics.label() + "' has "
                        + statistics.mean().length + " components, but an embedding has " + spec.embeddingSize());
            }
            stored.remove(statistics.label());
        }
        if (!stored.isEmpty()) {
            throw new IllegalArgumentException("the replay slots have classes that the state does not know: "
                    + stored.keySet().stream().sorted().toList());
        }
    }
}
