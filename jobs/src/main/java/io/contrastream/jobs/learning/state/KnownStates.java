package io.contrastream.jobs.learning.state;

import io.contrastream.jobs.cluster.StateLocations;
import io.contrastream.learning.failure.Reason;
import io.contrastream.operators.learn.state.Lineage;
import io.contrastream.operators.learn.state.StateSummary;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.core.fs.Path;

/**
 * The states that a job has left: in its folder of checkpoints, and wherever it has noted a savepoint. The one notion of "the
 * newest state of this job" that {@code learn}, {@code submit.sh} and the job's own entry point share.
 *
 * @param states of the job, in no order
 * @param others states of other jobs that lie beside them
 * @param unreadable what looks like a state or a note and cannot be read, with the reason
 * @param notes of the job
 */
public record KnownStates(
        List<SavedState> states, List<SavedState> others, Map<String, String> unreadable, List<Note> notes) {

    /**
     * Looks at every state. Only metadata and summaries are read, except for states of versions that did not write them.
     *
     * @param job name of the job
     * @param model its model
     * @param topic that it learns from
     * @param folders more folders in which savepoints of the job may be
     * @throws IOException if a folder cannot be read: to start afresh then would be to forget
     */
    public static KnownStates find(StateFolder folder, String job, String model, String topic, List<String> folders)
            throws IOException {
        Map<String, String> unreadable = new LinkedHashMap<>();
        List<Note> notes = folder.notes(unreadable);
        Set<String> noted = new LinkedHashSet<>();
        Set<String> found = new LinkedHashSet<>(folder.locations());
        for (Note note : notes) {
            if (!note.savepoint().isEmpty()) {
                noted.add(note.savepoint());
                found.addAll(beside(note.savepoint(), unreadable));
            }
        }
        for (String other : folders) {
            found.addAll(StateLocations.in(new Path(other)));
        }
        List<SavedState> own = new ArrayList<>();
        List<SavedState> others = new ArrayList<>();
        Set<String> all = new LinkedHashSet<>(noted);
        all.addAll(found);
        for (String location : all) {
            try {
                SavedState state = SavedState.read(location);
                boolean ownOne = noted.contains(location) || belongs(state, job, model, topic);
                (ownOne ? own : others).add(state);
            } catch (FileNotFoundException deletedMeanwhile) {
                // A running job replaces its checkpoints, and a person deletes savepoints.
            } catch (IOException e) {
                unreadable.put(location, Reason.of(e));
            }
        }
        return new KnownStates(own, others, unreadable, notes);
    }

    /** Savepoints in the folder of a noted one, which may have been made without a note. */
    private static Set<String> beside(String savepoint, Map<String, String> unreadable) {
        Path parent = new Path(savepoint).getParent();
        try {
            return parent == null ? Set.of() : StateLocations.in(parent);
        } catch (IOException e) {
            unreadable.put(parent.toString(), Reason.of(e));
            return Set.of();
        }
    }

    private static boolean belongs(SavedState state, String job, String model, String topic) {
        StateSummary summary = state.summary();
        String owner = summary.lineage().job();
        if (!owner.isEmpty()) {
            return owner.equals(job);
        }
        // From before jobs were noted in their states.
        return (summary.model().isEmpty() || summary.model().equals(model))
                && (state.topic().isEmpty() || state.topic().equals(topic));
    }

    /** Of the newest start that left states behind, or of the newest state; 0 if there is neither. */
    int generation() {
        int ofStates = states.stream()
                .map(state -> state.summary().lineage())
                .mapToInt(Lineage::generation)
                .max()
                .orElse(0);
        return Math.max(
                ofStates, notes.stream().mapToInt(Note::generation).max().orElse(0));
    }

    /** The state that holds most, of the newest generation; of equal ones a savepoint. */
    public Optional<SavedState> newest() {
        int generation = generation();
        return states.stream()
                .filter(state -> state.summary().lineage().generation() == generation)
                .max(SavedState.BY_CONTENT
                        .thenComparing(SavedState::isSavepoint)
                        .thenComparing(SavedState::location, Comparator.reverseOrder()));
    }

    /** The start that began the newest generation, if it left states behind. */
    Optional<Note> newestStart() {
        int generation = generation();
        return notes.stream()
                .filter(note -> note.isStart() && note.generation() == generation)
                .findFirst();
    }

    /**
     * Folders that hold states of the job, none of which is the newest or has a file that the newest makes use of: of a whole run
     * of the job with all its checkpoints, or of one savepoint. Those that hold as much as the newest are none of them: a job that has
     * gone on from the newest and learned nothing since may run, and needs its checkpoint.
     *
     * @param savepoints whether savepoints in the folder are among them
     */
    public List<String> superfluous(StateFolder folder, boolean savepoints) throws IOException {
        Optional<SavedState> newest = newest();
        if (newest.isEmpty()) {
            return List.of();
        }
        Set<String> kept = new LinkedHashSet<>();
        for (SavedState other : others) {
            kept.add(StateFolder.unitOf(other));
        }
        for (String unread : unreadable.keySet()) {
            kept.add(StateFolder.parentOf(unread));
        }
        states.stream()
                .filter(state -> !newest.get().isAheadOf(state))
                .forEach(state -> kept.add(StateFolder.unitOf(state)));
        byte[] metadata = StateFolder.metadata(newest.get());
        Set<String> superfluous = new LinkedHashSet<>();
        for (SavedState state : states) {
            String unit = StateFolder.unitOf(state);
            boolean used = contains(metadata, unit.substring(unit.lastIndexOf('/') + 1) + "/");
            if (folder.has(unit) && !kept.contains(unit) && !used && (savepoints || !state.isSavepoint())) {
                superfluous.add(unit);
            }
        }
        return List.copyOf(superfluous);
    }

    /** Paths are written into metadata as text. */
    private static boolean contains(byte[] metadata, String path) {
        return new String(metadata, StandardCharsets.ISO_8859_1).contains(path);
    }
}
