package io.contrastream.jobs.testing;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what other threads do. */
public final class Await {

    /** Longer than anything should take on a busy machine, and still an end. */
    public static final Duration PATIENCE = Duration.ofSeconds(150);

    private static final long PAUSE_NANOS = Duration.ofMillis(20).toNanos();

    private Await() {}

    /**
     * Returns when the condition holds.
     *
     * @param state what there is instead, for the message
     * @throws AssertionError if it does not in time
     */
    public static void until(String what, BooleanSupplier condition, Supplier<?> state) {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!condition.getAsBoolean()) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError(
                        "waited " + PATIENCE.toSeconds() + " s in vain until " + what + "; there is " + state.get());
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
