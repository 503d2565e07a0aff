package io.contrastream.operators.learn;

import io.contrastream.learning.failure.Reason;
import java.io.IOException;

/** The whole learner of a savepoint or checkpoint of any job, which a new model starts from. */
public final class InitialState {

    private InitialState() {}

    /**
     * Reads the learner that the options name, to see whether a model can start from it.
     *
     * @throws IllegalArgumentException with every option that differs, if it does not fit the options
     * @throws IOException saying what is wrong, if it cannot be read
     */
    public static SavedLearner read(LearnOptions options) throws IOException {
        SavedLearner learner;
        try {
            SavedOperators saved = SavedOperators.open(options.initialState());
            learner = SavedLearner.readWhole(saved, learningOperator(saved));
        } catch (IOException e) {
            throw new IOException(options.initialState() + ": " + Reason.of(e), e);
        }
        StateFit.requireLearner(options, learner.model(), learner.state());
        return learner;
    }

    private static String learningOperator(SavedOperators saved) throws IOException {
        for (String uid : saved.uids()) {
            if (!saved.list(uid, LearnerStateStore.MODEL).isEmpty()) {
                return uid;
            }
        }
        throw new IOException("it has no learner, or one that has not seen an image yet");
    }
}
