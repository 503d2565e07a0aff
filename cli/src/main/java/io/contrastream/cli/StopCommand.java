package io.contrastream.cli;

import io.contrastream.jobs.cluster.FlinkSession;
import io.contrastream.jobs.cluster.FlinkSessionException;
import io.contrastream.jobs.learning.JobOptions;
import io.contrastream.jobs.learning.state.Stop;
import io.contrastream.jobs.option.Location;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code contrastream stop}. */
@Command(
        name = "stop",
        description = {
            "Stops the learning job on a Flink cluster with a savepoint, from which bin/submit.sh goes on.",
            "Nothing that was read is lost: what is not learned yet is in the savepoint."
        },
        customSynopsis = "bin/stop.sh [-m HOST:PORT] [--config FILE] [--savepoint-directory URI] [--KEY VALUE]...",
        footer = {"", "The job is found by its name: give the options with which it was submitted."},
        mixinStandardHelpOptions = true)
final class StopCommand implements Callable<Integer> {

    @Mixin
    private ClusterOptions cluster;

    @Mixin
    private JobArguments arguments;

    @Option(
            names = "--savepoint-directory",
            paramLabel = "URI",
            description = "Where the savepoint goes. Default: the job's folder of checkpoints.")
    private String directory;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "600",
            description = "How long to wait for the savepoint. Default: ${DEFAULT-VALUE}.")
    private int timeoutSeconds;

    @Override
    public Integer call() throws Exception {
        JobOptions job = arguments.options();
        Configuration flink = cluster.configuration();
        String checkpoints = FlinkFolder.checkpointDirectory(job, flink);
        try (FlinkSession session = new FlinkSession(flink)) {
            List<JobID> running = session.running(job.name());
            if (running.size() != 1) {
                throw new FlinkSessionException(
                        running.isEmpty()
                                ? "no job " + job.name() + " runs at " + session.address()
                                : running.size() + " jobs " + job.name() + " run at " + session.address() + ": "
                                        + running + "; stop them one by one with bin/flink stop",
                        null);
            }
            cluster.say("Stopping the job " + job.name() + " (" + running.get(0) + ") with a savepoint");
            String savepoint = session.stopWithSavepoint(
                    running.get(0),
                    directory == null ? checkpoints : Location.uri(directory),
                    Duration.ofSeconds(timeoutSeconds));
            cluster.say("Stopped; bin/submit.sh goes on from " + savepoint);
            Stop.stopped(job.name(), checkpoints, savepoint, cluster::say);
        }
        return 0;
    }
}
