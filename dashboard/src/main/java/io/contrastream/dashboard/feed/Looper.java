package io.contrastream.dashboard.feed;

import io.contrastream.topics.TopicException;
import java.time.Duration;
import java.util.function.Consumer;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that asks Kafka for something again and again, whatever becomes of Kafka meanwhile. Closing it ends it. */
final class Looper implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Looper.class);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final Thread thread;

    /** Something that goes on until it fails or its thread is interrupted. */
    @FunctionalInterface
    interface Work {
        void run() throws InterruptedException;
    }

    /**
     * Begins.
     *
     * @param problem receives the reason why it has failed, and then it begins again after a pause
     */
    Looper(String name, Work work, Consumer<String> problem) {
        this.thread = new Thread(() -> loop(name, work, problem), name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void loop(String name, Work work, Consumer<String> problem) {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                try {
                    work.run();
                } catch (TopicException e) {
                    // Of an interrupt, too.
                    if (Thread.currentThread().isInterrupted()) {
                        return;
                    }
                    problem.accept(e.getMessage());
                } catch (InterruptException e) {
                    return;
                } catch (RuntimeException e) {
                    LOG.error("{} begins again", name, e);
                    problem.accept("something has failed in a way that was not foreseen; the log has more");
                }
                Thread.sleep(PAUSE.toMillis());
            }
        } catch (InterruptedException closed) {
            // That is its end.
        }
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
