package io.contrastream.testing;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what other threads and processes do. */
public final class Await {

    /** Longer than anything should take on a busy machine, and still an end. */
    public static final Duration PATIENCE = Duration.ofMinutes(5);

    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final Duration PAUSE_IN_PROCESS = Duration.ofMillis(20);

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
        until(what, patience, PAUSE, condition, () -> "");
    }

    /**
     * Returns when a condition holds that costs little to look at, such as one of this process.
     *
     * @param state what there is instead, for the message
     * @throws AssertionError if it does not in time
     */
    public static void until(String what, BooleanSupplier condition, Supplier<?> state) {
        try {
            until(what, PATIENCE, PAUSE_IN_PROCESS, condition::getAsBoolean, () -> "; there is " + state.get());
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void until(
            String what, Duration patience, Duration pause, Condition condition, Supplier<String> instead)
            throws Exception {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited " + patience.toSeconds() + " s in vain until " + what + instead.get());
            }
            Thread.sleep(pause.toMillis());
        }
    }

    /** A condition that is waited for. */
    @FunctionalInterface
    public interface Condition {
        boolean holds() throws Exception;
    }
}
