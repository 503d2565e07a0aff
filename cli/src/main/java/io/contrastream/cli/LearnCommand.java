package io.contrastream.cli;

import io.contrastream.cli.local.LocalCluster;
import io.contrastream.cli.local.LocalRun;
import io.contrastream.jobs.learning.JobOptions;
import io.contrastream.jobs.learning.LearningJob;
import io.contrastream.jobs.learning.state.Stop;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.failure.Reason;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code contrastream learn}. */
@Command(
        name = "learn",
        description = {
            "Runs the learning job against a Kafka cluster, in this process.",
            "Goes on until it is stopped with Ctrl-C, and then writes a savepoint from which the same command goes on. For a "
                    + "Flink cluster, submit the same job with bin/submit.sh."
        },
        customSynopsis = "contrastream learn [--config FILE] [--savepoint PATH | --fresh] [--KEY VALUE]...",
        footer = {
            "",
            "Any option of the job can be given as --KEY VALUE, and wins over the file; docs/options.md has all of them. "
                    + "For example:",
            "  ${sys:contrastream.command:-contrastream} learn --kafka.bootstrap-servers localhost:9092 --job.checkpoint-directory /tmp/checkpoints"
        },
        mixinStandardHelpOptions = true)
final class LearnCommand implements Callable<Integer> {

    /** How often the job is started again before the command gives up. */
    private static final int ATTEMPTS = 10;
    /** In what Flink says of a savepoint that is asked for too early. */
    private static final String NOT_RUNNING = "Not all required tasks are currently running";

    @Mixin
    private JobArguments arguments;

    @Mixin
    private StartOptions start;

    @Override
    public Integer call() throws Exception {
        JobOptions job = arguments.options();
        FlinkFolder.configuration(Map.of());
        EncoderEngine.find().requireAskedFor(job.learn().device());
        try (Interruption interruption = new Interruption();
                LocalRun run = LocalRun.create("contrastream-learn")) {
            JobClient running;
            try {
                running = LearningJob.submit(run.environment(flink()), job, start.instruction(), System.err::println);
            } catch (Exception e) {
                if (interruption.happened()) {
                    return Interruption.EXIT_CODE;
                }
                throw e;
            }
            System.err.printf(
                    "Learning from '%s' at %s; stop with Ctrl-C%n",
                    job.kafka().topic(job.kafka().images()), job.kafka().bootstrapServers());
            try {
                new LearnWatch(run, running, job, ATTEMPTS, System.err).untilItEnds();
                return 0;
            } catch (InterruptedException e) {
                stop(running, job);
                return Interruption.EXIT_CODE;
            } catch (ExecutionException e) {
                if (interruption.happened()) {
                    return Interruption.EXIT_CODE;
                }
                throw e.getCause() instanceof Exception cause ? cause : e;
            }
        }
    }

    private Configuration flink() {
        Configuration flink = LocalCluster.settings();
        // The default tries for ever: what so many attempts do not mend is for a person to mend.
        flink.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
        flink.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_ATTEMPTS, ATTEMPTS);
        return flink;
    }

    private void stop(JobClient running, JobOptions job) throws InterruptedException {
        System.err.println("Writing a savepoint");
        try {
            String savepoint = running.stopWithSavepoint(
                            false, job.checkpointDirectory().orElse(null), SavepointFormatType.CANONICAL)
                    .get();
            Stop.stopped(job.name(), job.checkpointDirectory().orElseThrow(), savepoint, System.err::println);
            System.err.println("Stopped; the same command goes on from " + savepoint);
        } catch (ExecutionException e) {
            String reason = String.valueOf(e.getCause().getMessage());
            System.err.println("contrastream: no savepoint was written: "
                    + (reason.contains(NOT_RUNNING)
                            ? "the job was not running yet, or not again"
                            : Reason.of(e, "details are in the log")));
            System.err.println(
                    "The same command goes on from the newest checkpoint, and from what this one started from"
                            + " if there is none");
        }
    }
}
