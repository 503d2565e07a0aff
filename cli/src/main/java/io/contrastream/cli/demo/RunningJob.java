package io.contrastream.cli.demo;

import io.contrastream.learning.failure.Reason;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;

/** A job in a cluster of its own, which ends with it and answers no question from then on. */
final class RunningJob implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final String name;
    private final JobClient client;
    private final CompletableFuture<JobExecutionResult> result;

    /** @param name what people call it */
    RunningJob(String name, JobClient client) {
        this.name = name;
        this.client = client;
        this.result = client.getJobExecutionResult();
    }

    /**
     * Waits until it runs.
     *
     * @throws DemoException if it does not
     */
    void awaitRunning() throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!runs()) {
            requireHealthy();
            if (System.nanoTime() > deadline) {
                throw new DemoException(name + " does not run after " + PATIENCE.toSeconds() + " s");
            }
            Thread.sleep(50);
        }
    }

    private boolean runs() throws InterruptedException {
        try {
            return client.getJobStatus().get(PATIENCE.toSeconds(), TimeUnit.SECONDS) == JobStatus.RUNNING;
        } catch (ExecutionException | TimeoutException | IllegalStateException notStartedOrEnded) {
            return false;
        }
    }

    /**
     * Does nothing while it runs.
     *
     * @throws DemoException saying why it has ended, if it has
     */
    void requireHealthy() throws InterruptedException {
        if (result.isDone()) {
            end();
            throw new DemoException(name + " ended before its time");
        }
    }

    /**
     * Lets it finish what it has, publish the rest and end.
     *
     * @throws DemoException if it fails instead
     */
    void stop() throws InterruptedException {
        CompletableFuture<String> savepoint = client.stopWithSavepoint(true, null, SavepointFormatType.NATIVE);
        try {
            savepoint.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new DemoException(name + " cannot be stopped: " + reason(e), e);
        }
        end();
    }

    private void end() throws InterruptedException {
        try {
            result.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new DemoException(name + " failed: " + reason(e), e);
        } catch (TimeoutException e) {
            throw new DemoException(name + " did not end within " + PATIENCE.toSeconds() + " s", e);
        }
    }

    /** Message of a failure for people: the innermost cause. */
    static String reason(Throwable failure) {
        return Reason.of(failure, "for a reason that only its log has");
    }

    @Override
    public void close() {
        if (result.isDone()) {
            return;
        }
        try {
            client.cancel().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            result.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException | IllegalStateException cancelled) {
            // The result of a cancelled job is an exception, and one that has just ended cannot be cancelled.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
