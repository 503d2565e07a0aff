package io.contrastream.jobs.state;

import java.io.IOException;
import java.util.List;

/**
 * What a job's folder of checkpoints cannot tell by itself: a savepoint that lies elsewhere, or that a start has left newer
 * states behind.
 *
 * @param savepoint URI of a savepoint; for a start, the state that it went on from, or empty for a new model
 * @param generation of the start; -1 if the note is of a savepoint alone
 * @param fromEarliest whether the start reads the topic from its earliest record on
 */
public record Note(String savepoint, int generation, boolean fromEarliest) {

    private static final String HEADER = "contrastream note 1";
    /** Who reads a file that is not written to its end misses it. */
    private static final String END = "end";

    static Note ofSavepoint(String location) {
        return new Note(location, -1, false);
    }

    boolean isStart() {
        return generation >= 0;
    }

    String text() {
        return String.join(
                "\n",
                List.of(HEADER, savepoint, Integer.toString(generation), Boolean.toString(fromEarliest), END, ""));
    }

    /** @throws IOException if it is not one or incomplete */
    static Note parse(String text) throws IOException {
        List<String> lines = text.lines().toList();
        if (lines.size() != 5 || !lines.get(0).equals(HEADER) || !lines.get(4).equals(END)) {
            throw new IOException("it is not a note, or incomplete");
        }
        try {
            return new Note(lines.get(1), Integer.parseInt(lines.get(2)), Boolean.parseBoolean(lines.get(3)));
        } catch (NumberFormatException e) {
            throw new IOException("it is not a note: generation " + lines.get(2), e);
        }
    }
}
