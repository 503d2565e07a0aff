package io.contrastream.learning.learner;

import java.util.Arrays;

/**
 * A learner's knowledge of a class besides its images in memory.
 *
 * @param label the class
 * @param seen images of the class so far, less what forgotten ones stood for, at least 0
 * @param full whether the class-balanced reservoir takes the class as full
 * @param support images of the class in memory, at least 0
 * @param mean [D] running mean of their embeddings, not of unit length; zeros without support, and while it is to be made
 *     anew. Not copied, not to be written to
 */
public record ClassProgress(String label, long seen, boolean full, int support, double[] mean) {

    @Override
    public boolean equals(Object other) {
        return other instanceof ClassProgress that
                && label.equals(that.label)
                && seen == that.seen
                && full == that.full
                && support == that.support
                && Arrays.equals(mean, that.mean);
    }

    @Override
    public int hashCode() {
        return 31 * label.hashCode() + Arrays.hashCode(mean);
    }
}
