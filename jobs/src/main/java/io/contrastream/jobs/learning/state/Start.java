package io.contrastream.jobs.learning.state;

import io.contrastream.operators.learn.state.Lineage;
import java.io.IOException;
import java.util.Optional;

/**
 * The state that a job is started from, decided and allowed.
 *
 * @param state to go on from; empty for a new model
 * @param lineage of the states that the job will leave
 * @param sourceUid of the source of images
 * @param fromEarliest whether that source has nothing to restore, and begins at the earliest record of the topic
 * @param note to be left once the job has been submitted, if the folder of checkpoints could not tell the same
 * @param folder of checkpoints
 * @param announcement what the person who starts the job should know
 */
public record Start(
        Optional<SavedState> state,
        Lineage lineage,
        String sourceUid,
        boolean fromEarliest,
        Optional<Note> note,
        StateFolder folder,
        String announcement) {

    /** Leaves the note, if there is one. */
    public void submitted() throws IOException {
        if (note.isPresent()) {
            folder.write(note.get());
        }
    }
}
