package io.contrastream.cli.demo;

import io.contrastream.learning.failure.Reason;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Opened resources, closed in reverse order, each whatever becomes of the others, and without being disturbed by an
 * interrupt that is pending: it may be the reason for closing.
 */
final class Resources implements AutoCloseable {

    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    <T extends AutoCloseable> T add(T resource) {
        open.push(resource);
        return resource;
    }

    @Override
    public void close() {
        boolean interrupted = false;
        DemoException failure = null;
        while (!open.isEmpty()) {
            interrupted |= Thread.interrupted();
            try {
                open.pop().close();
            } catch (Exception e) {
                if (failure == null) {
                    failure = new DemoException(
                            "not everything could be closed: " + Reason.of(e, "for a reason that only the log has"), e);
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw failure;
        }
    }
}
