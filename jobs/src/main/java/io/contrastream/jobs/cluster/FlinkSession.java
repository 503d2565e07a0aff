package io.contrastream.jobs.cluster;

import io.contrastream.learning.failure.Reason;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.client.deployment.StandaloneClusterId;
import org.apache.flink.client.program.rest.RestClusterClient;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.client.JobStatusMessage;

/** The jobs of a Flink session cluster, asked for at its JobManager's REST interface. */
public final class FlinkSession implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final Set<JobStatus> ENDING = Set.of(JobStatus.CANCELLING, JobStatus.FAILING);

    /** To reach the JobManager, with three seconds in between; Flink by itself tries for a minute. */
    private static final int ATTEMPTS = 3;

    private final String address;
    private final RestClusterClient<StandaloneClusterId> client;

    /**
     * Does not connect yet.
     *
     * @param flink with the address of the REST interface
     * @throws FlinkSessionException if the settings are not such that a client can be made of them
     */
    public FlinkSession(Configuration flink) {
        this.address = flink.get(RestOptions.ADDRESS) + ":" + flink.get(RestOptions.PORT);
        Configuration own = new Configuration(flink);
        if (!own.contains(RestOptions.RETRY_MAX_ATTEMPTS)) {
            own.set(RestOptions.RETRY_MAX_ATTEMPTS, ATTEMPTS);
        }
        try {
            this.client = new RestClusterClient<>(own, StandaloneClusterId.getInstance());
        } catch (Exception e) {
            throw new FlinkSessionException("cannot connect to a JobManager at " + address + ": " + reason(e), e);
        }
    }

    /** Address of the JobManager. */
    public String address() {
        return address;
    }

    /**
     * The jobs of a name that have not ended. One that is about to end, cancelled or failed, is waited for.
     *
     * @throws FlinkSessionException if the JobManager does not answer
     */
    public List<JobID> running(String name) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            List<JobStatusMessage> jobs = get(client.listJobs(), PATIENCE).stream()
                    .filter(job ->
                            job.getJobName().equals(name) && !job.getJobState().isGloballyTerminalState())
                    .toList();
            if (System.nanoTime() > deadline || jobs.stream().noneMatch(job -> ENDING.contains(job.getJobState()))) {
                return jobs.stream().map(JobStatusMessage::getJobId).toList();
            }
            Thread.sleep(PAUSE.toMillis());
        }
    }

    /**
     * Stops a job with a savepoint, without an end of input, and returns when it has ended.
     *
     * @param folder URI of the folder for the savepoint
     * @return URI of the savepoint
     * @throws FlinkSessionException if there is no savepoint; the job runs on then
     */
    public String stopWithSavepoint(JobID job, String folder, Duration patience) throws InterruptedException {
        String savepoint = get(client.stopWithSavepoint(job, false, folder, SavepointFormatType.CANONICAL), patience);
        while (get(client.getJobStatus(job), PATIENCE) != JobStatus.FINISHED) {
            Thread.sleep(PAUSE.toMillis());
        }
        return savepoint;
    }

    private <T> T get(Future<T> answer, Duration patience) throws InterruptedException {
        try {
            return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new FlinkSessionException(
                    "no answer from the JobManager at " + address + " within " + patience.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            Throwable cause = innermost(e);
            throw new FlinkSessionException(
                    cause instanceof ConnectException
                            ? "no JobManager answers at " + address + ": " + cause.getMessage()
                                    + ". bin/jobmanager.sh starts one, -m HOST:PORT names another"
                            : "the JobManager at " + address + ": " + reason(e),
                    e);
        }
    }

    private static Throwable innermost(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    private static String reason(Throwable failure) {
        return Reason.of(failure, "it failed for a reason that is in its log");
    }

    @Override
    public void close() {
        client.close();
    }
}
