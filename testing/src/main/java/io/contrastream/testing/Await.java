package io.contrastream.testing;

import java.time.Duration;

/** Waits for what other processes do. */
public final class Await {

    /** Longer than anything should take on a busy machine, and still an end. */
    public static final Duration PATIENCE = Duration.ofMinutes(5);

    private static final Duration PAUSE = Duration.ofMillis(200);

    private Await() {}

    /**
     * Returns when the condition holds.
     *
     * @throws AssertionError if it does not in time
     */
    public static void until(String what, Condition condition) throws Exception {
        until(what, PATIENCE, condition);
    }

    /** The same with a patience of its own. */
    public static void until(String what, Duration patience, Condition condition) throws Exception {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited " + patience.toSeconds() + " s in vain until " + what);
            }
            Thread.sleep(PAUSE.toMillis());
        }
    }

    /** What is waited for. */
    @FunctionalInterface
    public interface Condition {
        boolean holds() throws Exception;
    }
}
