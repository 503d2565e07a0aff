package io.contrastream.operators.learn.state;

import io.contrastream.learning.learner.Example;
import io.contrastream.learning.learner.LearnerState;
import io.contrastream.operators.saved.SavedKeyedState;
import io.contrastream.operators.saved.SavedOperators;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A learner as a savepoint or a checkpoint has it, read as Flink reads it in a restore, without a job: of the layout of now, or of the
 * first one of 0.1.0, which had the weights as operator state.
 *
 * @param model name of the model
 * @param state weights, optimiser slots, progress
 * @param slots the images in memory by slot, if they were asked for; else empty
 * @param restorable whether a job can be restored from it; false of the first layout, from which a new model can start
 */
public record SavedLearner(String model, LearnerState state, Map<Integer, Example> slots, boolean restorable) {

    /**
     * Reads it.
     *
     * @param savepoint folder or URI of the savepoint or checkpoint
     * @param uid of the learning operator
     * @throws IOException saying what is wrong, if there is none or it cannot be read
     */
    public static SavedLearner read(String savepoint, String uid) throws IOException {
        return read(SavedOperators.open(savepoint), uid);
    }

    /** The same from one that is open. */
    public static SavedLearner read(SavedOperators saved, String uid) throws IOException {
        return read(saved, uid, false);
    }

    /**
     * The same with its replay slots, of the learning operator of any job.
     *
     * @throws IOException saying what is wrong, if there is no learner or it cannot be read
     */
    public static SavedLearner readWhole(SavedOperators saved) throws IOException {
        return read(saved, learningOperator(saved), true);
    }

    private static String learningOperator(SavedOperators saved) throws IOException {
        for (String uid : saved.uids()) {
            if (!saved.list(uid, LearnerStateStore.MODEL).isEmpty()) {
                return uid;
            }
        }
        throw new IOException("it has no learner, or one that has not seen an image yet");
    }

    private static SavedLearner read(SavedOperators saved, String uid, boolean withSlots) throws IOException {
        Collection<byte[]> chunks = saved.list(uid, LearnerStateStore.FIRST_LEARNER);
        Map<Integer, Example> slots = Map.of();
        boolean restorable = chunks.isEmpty();
        if (!restorable) {
            if (withSlots) {
                try (SavedKeyedState<String> keyed = saved.keyed(uid, LearnerStateStore.FIRST_KEY)) {
                    slots = keyed.map(LearnerStateStore.SLOTS);
                }
            }
        } else {
            try (SavedKeyedState<?> keyed = saved.keyed(uid, LearnerKey.TYPE)) {
                chunks = new TreeMap<>(keyed.map(LearnerStateStore.LEARNER)).values();
                slots = withSlots ? keyed.map(LearnerStateStore.SLOTS) : slots;
            }
        }
        if (chunks.isEmpty()) {
            throw new IOException("its learner has not seen an image yet");
        }
        List<String> model = saved.list(uid, LearnerStateStore.MODEL);
        return new SavedLearner(String.join(", ", model), LearnerStateStore.read(chunks), slots, restorable);
    }
}
