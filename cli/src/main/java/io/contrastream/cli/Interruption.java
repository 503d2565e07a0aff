package io.contrastream.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C as an interrupt: when the process is asked to end, the thread that made this is interrupted, and the process waits until
 * it has closed this, which should be the last thing that it closes.
 */
final class Interruption implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Exit code that shells expect of a process that Ctrl-C has ended. */
    static final int EXIT_CODE = 130;

    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread hook;
    private volatile boolean happened;

    Interruption() {
        Thread worker = Thread.currentThread();
        this.hook = new Thread(() -> interrupt(worker), "contrastream-interruption");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void interrupt(Thread worker) {
        happened = true;
        worker.interrupt();
        try {
            if (!closed.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                System.err.println(
                        "contrastream: not everything could be stopped within " + PATIENCE.toSeconds() + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether the process was told to end. */
    boolean happened() {
        return happened;
    }

    @Override
    public void close() {
        if (!happened) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException endingJustNow) {
                // The hook runs, and waits for what follows.
            }
        }
        closed.countDown();
    }
}
