package io.contrastream.cli;

import io.contrastream.cli.local.LocalRun;
import io.contrastream.jobs.learning.JobOptions;
import io.contrastream.operators.Count;
import io.contrastream.operators.decode.OffsetsRead;
import io.contrastream.operators.learn.watch.SignsOfLife;
import java.io.PrintStream;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.checkpoint.CheckpointStatsSnapshot;
import org.apache.flink.runtime.checkpoint.CompletedCheckpointStats;
import org.apache.flink.runtime.executiongraph.AccessExecutionGraph;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches a learning job in this process and tells how it is: what it starts with, how far it is every so often, and at once when it
 * fails, why, and what Flink does then.
 *
 * <p>Not thread-safe.
 */
final class LearnWatch {

    private static final Logger LOG = LoggerFactory.getLogger(LearnWatch.class);

    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration PROGRESS = Duration.ofSeconds(10);
    /** How often a job that has nothing to learn says so. */
    private static final Duration IDLE = Duration.ofMinutes(1);

    private final LocalRun run;
    private final JobClient client;
    private final JobOptions options;
    private final int attempts;
    private final PrintStream console;

    private boolean started;
    private String progress = "";
    private long toldNanos = System.nanoTime();
    private long failedAtMillis;
    private String reason;
    private int failures;

    /** @param attempts how often Flink starts the job again */
    LearnWatch(LocalRun run, JobClient client, JobOptions options, int attempts, PrintStream console) {
        this.run = run;
        this.client = client;
        this.options = options;
        this.attempts = attempts;
        this.console = console;
    }

    /**
     * Watches until the job has ended by itself.
     *
     * @throws ExecutionException if it has failed for good
     */
    void untilItEnds() throws ExecutionException, InterruptedException {
        CompletableFuture<JobExecutionResult> result = client.getJobExecutionResult();
        try (Backlog backlog = new Backlog(options.kafka())) {
            while (true) {
                try {
                    result.get(POLL.toMillis(), TimeUnit.MILLISECONDS);
                    return;
                } catch (TimeoutException running) {
                    look(backlog);
                }
            }
        }
    }

    private void look(Backlog backlog) throws InterruptedException {
        try {
            AccessExecutionGraph job = run.state(client.getJobID());
            JobFailure failure = JobFailure.of(job).orElse(null);
            if (failure != null && failure.atMillis() != failedAtMillis) {
                failed(failure, job);
            }
            if (job.getState() == JobStatus.RUNNING) {
                running(client.getAccumulators().get(), backlog);
            }
        } catch (ExecutionException | IllegalStateException endingJustNow) {
            LOG.debug("The job cannot be asked how it is", endingJustNow);
        }
    }

    private void running(Map<String, Object> accumulators, Backlog backlog) throws InterruptedException {
        String start = text(accumulators, SignsOfLife.START);
        String newest = text(accumulators, SignsOfLife.PROGRESS);
        long silentNanos = System.nanoTime() - toldNanos;
        if (!started && !start.isEmpty()) {
            started = true;
            // What has been read by now, waited then.
            tell("Started: " + start + waiting(Map.of(), backlog));
        } else if (started && !newest.equals(progress) && silentNanos >= PROGRESS.toNanos()) {
            tell(newest + waiting(accumulators, backlog));
            progress = newest;
        } else if (started && silentNanos >= IDLE.toNanos()) {
            tell((newest.isEmpty() ? "nothing learned yet" : newest) + waiting(accumulators, backlog));
        }
    }

    private static String text(Map<String, Object> accumulators, String name) {
        return accumulators.get(name) instanceof String text ? text : "";
    }

    private static String waiting(Map<String, Object> accumulators, Backlog backlog) throws InterruptedException {
        OptionalLong records = backlog.records(OffsetsRead.of(accumulators));
        return records.isEmpty()
                ? ""
                : String.format(
                        Locale.ROOT,
                        "; %,d %s waiting",
                        records.getAsLong(),
                        Count.noun(records.getAsLong(), "record"));
    }

    private void failed(JobFailure failure, AccessExecutionGraph job) {
        failedAtMillis = failure.atMillis();
        failures++;
        started = false;
        progress = "";
        boolean same = failure.reason().equals(reason);
        reason = failure.reason();
        String what = "The job failed" + (same ? " again in the same way. " : ": " + reason + ". ");
        if (job.getState().isTerminalState() || job.getState() == JobStatus.FAILING) {
            what += "It is not started again";
        } else {
            what += "Starting it again from " + checkpoint(job.getCheckpointStatsSnapshot(), same)
                    + (failures > attempts ? "" : ", attempt " + failures + " of " + attempts);
        }
        LOG.warn("{}", what, failure.error());
        tell(what);
    }

    private static String checkpoint(CheckpointStatsSnapshot checkpoints, boolean brief) {
        CompletedCheckpointStats completed =
                checkpoints == null ? null : checkpoints.getHistory().getLatestCompletedCheckpoint();
        if (completed != null) {
            return "checkpoint " + completed.getCheckpointId() + (brief ? "" : " in " + completed.getExternalPath());
        }
        return checkpoints != null && checkpoints.getLatestRestoredCheckpoint() != null
                ? checkpoints.getLatestRestoredCheckpoint().getExternalPath()
                : "the beginning: there is no checkpoint yet";
    }

    private void tell(String what) {
        console.println(LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS) + " " + what);
        toldNanos = System.nanoTime();
    }
}
