package io.contrastream.jobs.learning.state;

import io.contrastream.jobs.kafka.KafkaOptions;
import io.contrastream.topics.TopicException;
import io.contrastream.topics.Topics;
import java.io.IOException;
import java.util.function.Consumer;

/** What is to be left behind when a job has been stopped with a savepoint. */
public final class Stop {

    private Stop() {}

    /**
     * Notes the savepoint for the next start if it lies elsewhere, and commits its offsets: Flink commits those of checkpoints, not those of the savepoint
     * that a job is stopped with.
     *
     * @param checkpointDirectory URI of the job's folder of checkpoints
     * @param say is told what could not be left, and what follows from it
     */
    public static void stopped(
            String job, KafkaOptions kafka, String checkpointDirectory, String savepoint, Consumer<String> say) {
        try {
            StateFolder folder = new StateFolder(checkpointDirectory, job);
            if (!folder.has(savepoint)) {
                folder.noteSavepoint(savepoint);
            }
        } catch (IOException e) {
            say.accept("The savepoint cannot be noted in " + checkpointDirectory + " (" + e.getMessage()
                    + "): go on with " + StartInstruction.SAVEPOINT + " " + savepoint);
        }
        try (Topics topics = new Topics(kafka.bootstrapServers(), kafka.properties())) {
            SavedState state = SavedState.read(savepoint);
            if (!state.offsets().isEmpty()) {
                topics.commit(state.topic(), kafka.groupId(), state.offsets());
            }
        } catch (IOException | TopicException e) {
            say.accept("The offsets of the savepoint are not committed: " + e.getMessage());
        }
    }
}
