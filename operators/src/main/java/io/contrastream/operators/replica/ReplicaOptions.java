package io.contrastream.operators.replica;

import java.io.Serializable;
import java.time.Duration;

/**
 * Over how many learners a step is spread.
 *
 * @param count of them, at least 1
 * @param syncBatchNorm whether batch normalisation takes the statistics of all learners' views, rather than each those of its own
 * @param timeout longest wait of a learner for another, at least 1 ms; beyond it, the other one counts as lost
 */
public record ReplicaOptions(int count, boolean syncBatchNorm, Duration timeout) implements Serializable {

    private static final Duration JOIN = Duration.ofMinutes(1);

    /** One learner. */
    public static final ReplicaOptions ONE = new ReplicaOptions(1, true, Duration.ofMinutes(1));

    /** @throws IllegalArgumentException naming the value and its range if one is out of it */
    public ReplicaOptions {
        if (count < 1) {
            throw new IllegalArgumentException("there must be at least 1 learner, but there are " + count);
        }
        if (timeout.toMillis() < 1) {
            throw new IllegalArgumentException("the wait for another learner must be at least 1 ms, but is " + timeout);
        }
    }

    /** Longest wait for all others when a job starts, which have an engine to load: the same, or a minute if that is longer. */
    public Duration joinTimeout() {
        return timeout.compareTo(JOIN) > 0 ? timeout : JOIN;
    }

    /** Whether there are others beside the first. */
    public boolean several() {
        return count > 1;
    }
}
