package io.contrastream.cli;

import io.contrastream.jobs.cluster.FlinkSession;
import io.contrastream.jobs.learning.JobOptions;
import io.contrastream.jobs.learning.LearningJob;
import io.contrastream.jobs.learning.state.StartRefusedException;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code contrastream submit}. */
@Command(
        name = "submit",
        description = {
            "Submits the learning job to a Flink cluster, unless a job of its name runs there.",
            "It goes on from the newest state that the job has left: a checkpoint or savepoint in its"
                    + " job.checkpoint-directory, or a savepoint that bin/stop.sh has written elsewhere."
        },
        customSynopsis = "bin/submit.sh [-m HOST:PORT] [--config FILE] [--savepoint PATH | --fresh] [--KEY VALUE]...",
        footer = {"", "Any option of the job can be given as --KEY VALUE, and wins over the file."},
        mixinStandardHelpOptions = true)
final class SubmitCommand implements Callable<Integer> {

    @Mixin
    private ClusterOptions cluster;

    @Mixin
    private StartOptions start;

    @Mixin
    private JobArguments arguments;

    @Option(
            names = "--jar",
            paramLabel = "FILE",
            description = "The job's jar. Default: usrlib/contrastream-job.jar of this folder.")
    private Path jar;

    @Override
    public Integer call() throws Exception {
        JobOptions job = arguments.options();
        Configuration flink = cluster.configuration();
        try (FlinkSession session = new FlinkSession(flink)) {
            List<JobID> running = session.running(job.name());
            if (!running.isEmpty()) {
                if (start.instruction().given()) {
                    throw new StartRefusedException("the job " + job.name() + " runs already at " + session.address()
                            + ": " + running.get(0) + ". Stop it first, with bin/stop.sh, to start it otherwise");
                }
                cluster.say("The job " + job.name() + " runs already: " + running.get(0));
                return 0;
            }
        }
        flink.set(DeploymentOptions.TARGET, "remote");
        flink.set(DeploymentOptions.ATTACHED, false);
        flink.set(PipelineOptions.JARS, List.of(jar().toUri().toString()));
        JobClient submitted =
                LearningJob.submit(new StreamExecutionEnvironment(flink), job, start.instruction(), cluster::say);
        cluster.say("Job has been submitted with JobID " + submitted.getJobID());
        return 0;
    }

    /** That which this program was started from, if there is no other. */
    private Path jar() {
        return jar != null
                ? jar.toAbsolutePath()
                : new File(LearningJob.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .getPath())
                        .toPath();
    }
}
