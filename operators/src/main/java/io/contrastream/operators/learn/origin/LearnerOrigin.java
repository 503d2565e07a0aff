package io.contrastream.operators.learn.origin;

import io.contrastream.learning.learner.Example;
import io.contrastream.learning.learner.LearnerState;
import io.contrastream.operators.learn.state.LearnerStateStore;
import io.contrastream.operators.learn.state.SavedLearner;
import java.util.Map;

/**
 * A state that a learner goes on from.
 *
 * @param state weights, optimiser slots, progress
 * @param slots the images of its memory by slot; empty if it is in the store
 * @param inStore whether the store has all of it: after a restore, and not of an initial state
 */
public record LearnerOrigin(LearnerState state, Map<Integer, Example> slots, boolean inStore) {

    public static LearnerOrigin restored(LearnerState state) {
        return new LearnerOrigin(state, Map.of(), true);
    }

    public static LearnerOrigin initial(SavedLearner saved) {
        return new LearnerOrigin(saved.state(), saved.slots(), false);
    }

    /** Sees to it that the store has its memory. */
    public void remember(LearnerStateStore store) throws Exception {
        if (!inStore) {
            store.slots(slots);
        }
    }
}
