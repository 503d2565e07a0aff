package io.contrastream.jobs.learning.state;

import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A fact that a job's folder of checkpoints cannot tell by itself: a savepoint that lies elsewhere, or that a start has left newer
 * states behind.
 *
 * @param savepoint URI of a savepoint; for a start, the state that it went on from, or empty for a new model
 * @param generation of the start; -1 if the note is of a savepoint alone
 * @param fromEarliest whether the start reads the topic from its earliest record on
 * @param committed offsets of the consumer group at the start, by partition
 */
public record Note(String savepoint, int generation, boolean fromEarliest, SortedMap<Integer, Long> committed) {

    private static final String HEADER = "contrastream note 1";
    /** Who reads a file that is not written to its end misses it. */
    private static final String END = "end";

    private static final int LINES = 6;

    public Note {
        committed = Collections.unmodifiableSortedMap(new TreeMap<>(committed));
    }

    static Note ofSavepoint(String location) {
        return new Note(location, -1, false, Collections.emptySortedMap());
    }

    boolean isStart() {
        return generation >= 0;
    }

    String text() {
        String offsets = committed.entrySet().stream()
                .map(offset -> offset.getKey() + ":" + offset.getValue())
                .collect(Collectors.joining(","));
        return String.join(
                "\n",
                List.of(
                        HEADER,
                        savepoint,
                        Integer.toString(generation),
                        Boolean.toString(fromEarliest),
                        offsets,
                        END,
                        ""));
    }

    /** @throws IOException if it is not one or incomplete */
    static Note parse(String text) throws IOException {
        List<String> lines = text.lines().toList();
        if (lines.size() != LINES
                || !lines.get(0).equals(HEADER)
                || !lines.get(LINES - 1).equals(END)) {
            throw new IOException("it is not a note, or incomplete");
        }
        try {
            return new Note(
                    lines.get(1),
                    Integer.parseInt(lines.get(2)),
                    Boolean.parseBoolean(lines.get(3)),
                    new TreeMap<>(offsets(lines.get(4))));
        } catch (NumberFormatException e) {
            throw new IOException("it is not a note: a number in it is none");
        }
    }

    private static Map<Integer, Long> offsets(String text) {
        SortedMap<Integer, Long> offsets = new TreeMap<>();
        for (String offset : text.isEmpty() ? new String[0] : text.split(",", -1)) {
            int colon = offset.indexOf(':');
            offsets.put(
                    Integer.parseInt(offset.substring(0, Math.max(0, colon))),
                    Long.parseLong(offset.substring(colon + 1)));
        }
        return offsets;
    }
}
