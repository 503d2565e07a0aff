package io.contrastream.operators.learn;

import io.contrastream.learning.learner.LearnerState;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;

/**
 * A learner as a savepoint or a checkpoint has it, without its replay slots; read as Flink reads it in a restore, without a job.
 *
 * @param model name of the model
 * @param state weights, optimiser slots, progress
 */
public record SavedLearner(String model, LearnerState state) {

    /**
     * Reads it.
     *
     * @param savepoint folder or URI of the savepoint or checkpoint
     * @param uid of the learning operator
     * @throws IOException saying what is wrong, if there is none or it cannot be read
     */
    public static SavedLearner read(String savepoint, String uid) throws IOException {
        try {
            return read(SavedOperators.open(savepoint), uid);
        } catch (EOFException e) {
            throw new IOException("it is cut off: a file of it ends before its contents do", e);
        }
    }

    /** The same from one that is open. */
    public static SavedLearner read(SavedOperators saved, String uid) throws IOException {
        List<byte[]> chunks = saved.list(uid, LearnerStateStore.LEARNER);
        if (chunks.isEmpty()) {
            throw new IOException("its learner has not seen an image yet");
        }
        List<String> model = saved.list(uid, LearnerStateStore.MODEL);
        return new SavedLearner(String.join(", ", model), LearnerStateStore.read(chunks));
    }
}
