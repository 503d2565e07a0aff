package io.contrastream.operators.learn.option;

import io.contrastream.learning.encoder.EncoderMemoryException;
import java.util.function.Supplier;

/** The options to change when an engine is refused memory: the engine itself knows none of the job's. */
public final class MemoryAdvice {

    private MemoryAdvice() {}

    /**
     * Does the work of an engine.
     *
     * @throws EncoderMemoryException naming the options to change, if the engine is refused memory
     */
    public static <T> T advised(Supplier<T> work) {
        try {
            return work.get();
        } catch (EncoderMemoryException e) {
            throw e.advising(
                    "raise encoder.memory-limit, or on a cluster without it taskmanager.memory.process.size; or lower"
                            + " learner.batch-size or learner.recall-size");
        }
    }
}
