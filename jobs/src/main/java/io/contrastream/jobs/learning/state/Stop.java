package io.contrastream.jobs.learning.state;

import io.contrastream.learning.failure.Reason;
import java.io.IOException;
import java.util.function.Consumer;

/** The note that is left behind when a job has been stopped with a savepoint. */
public final class Stop {

    private Stop() {}

    /**
     * Notes the savepoint for the next start if it lies elsewhere.
     *
     * @param checkpointDirectory URI of the job's folder of checkpoints
     * @param say receives what could not be left, and what follows from it
     */
    public static void stopped(String job, String checkpointDirectory, String savepoint, Consumer<String> say) {
        try {
            StateFolder folder = new StateFolder(checkpointDirectory, job);
            if (!folder.has(savepoint)) {
                folder.noteSavepoint(savepoint);
            }
        } catch (IOException e) {
            say.accept("The savepoint cannot be noted in " + checkpointDirectory + " (" + Reason.of(e)
                    + "): go on with " + StartInstruction.SAVEPOINT + " " + savepoint);
        }
    }
}
