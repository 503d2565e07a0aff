package io.contrastream.jobs.learning;

import io.contrastream.jobs.learning.state.StartInstruction;
import io.contrastream.operators.learn.EngineSource;
import io.contrastream.testing.Await;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Metric;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A learning job that runs in the test's cluster. Closing it cancels it, if it still runs. */
final class RunningJob implements AutoCloseable {

    private final JobClient client;
    private final InMemoryReporter metrics;

    private RunningJob(JobClient client, InMemoryReporter metrics) {
        this.client = client;
        this.metrics = metrics;
    }

    /** @param restoreFrom folder of a savepoint or checkpoint; null to start afresh */
    static RunningJob start(JobOptions options, EngineSource engines, InMemoryReporter metrics, String restoreFrom)
            throws Exception {
        return start(options, engines, metrics, restoreFrom, said -> {});
    }

    /** @param say receives the lines for the person who starts the job */
    static RunningJob start(
            JobOptions options,
            EngineSource engines,
            InMemoryReporter metrics,
            String restoreFrom,
            Consumer<String> say)
            throws Exception {
        Configuration flink = new Configuration();
        if (restoreFrom != null) {
            flink.set(StateRecoveryOptions.SAVEPOINT_PATH, restoreFrom);
        }
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(flink);
        return new RunningJob(LearningJob.submit(env, options, engines, StartInstruction.NONE, say), metrics);
    }

    /** Waits until a metric of one operator has the value. */
    void awaitMetric(String name, long value) {
        Await.until(name + " is " + value, () -> metric(name) == value, () -> metric(name) + ", job " + status());
    }

    /** A counter or gauge, summed over subtasks; -1 if there is none yet. */
    long metric(String name) {
        return metrics.findMetrics(client.getJobID(), name).values().stream()
                .mapToLong(RunningJob::value)
                .reduce(Long::sum)
                .orElse(-1);
    }

    /** Its accumulators, as of the newest heartbeats. */
    Map<String, Object> accumulators() {
        return get("the accumulators", client.getAccumulators());
    }

    JobStatus status() {
        return get("the job's status", client.getJobStatus());
    }

    /** Stops at a point of the stream, without an end of input: unfinished work goes into the savepoint. */
    String stopWithSavepoint(Path folder) {
        String savepoint = get(
                "a savepoint",
                client.stopWithSavepoint(false, folder.toUri().toString(), SavepointFormatType.CANONICAL));
        awaitEnd();
        return savepoint;
    }

    /** Takes a savepoint and runs on. Unlike a checkpoint, it commits nothing: what was written waits for the next one. */
    String savepoint(Path folder) {
        return get("a savepoint", client.triggerSavepoint(folder.toUri().toString(), SavepointFormatType.CANONICAL));
    }

    void cancel() {
        get("a cancellation", client.cancel());
        awaitEnd();
    }

    @Override
    public void close() {
        if (!status().isGloballyTerminalState()) {
            cancel();
        }
    }

    private static <T> T get(String what, Future<T> future) {
        try {
            return future.get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(what + " cannot be had", e);
        }
    }

    private void awaitEnd() {
        Await.until("the job has ended", () -> status().isGloballyTerminalState(), this::status);
    }

    private static long value(Metric metric) {
        if (metric instanceof Counter counter) {
            return counter.getCount();
        }
        return metric instanceof Gauge<?> gauge && gauge.getValue() instanceof Number number ? number.longValue() : -1;
    }
}
