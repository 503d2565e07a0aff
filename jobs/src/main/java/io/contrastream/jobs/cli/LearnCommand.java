package io.contrastream.jobs.cli;

import io.contrastream.jobs.JobOptions;
import io.contrastream.jobs.LearningJob;
import io.contrastream.jobs.LocalCluster;
import io.contrastream.jobs.LocalRun;
import io.contrastream.jobs.topic.Topic;
import io.contrastream.learning.encoder.EncoderEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code contrastream learn}. */
@Command(
        name = "learn",
        description = {
            "Runs the learning job against a Kafka cluster, in this process.",
            "Goes on until it is stopped with Ctrl-C, and then writes a savepoint with which it can go on later. For a "
                    + "Flink cluster, submit the same job with bin/flink run."
        },
        customSynopsis = "${ROOT-COMMAND-NAME} learn [--config FILE] [--restore PATH] [--KEY VALUE]...",
        footer = {
            "",
            "Any option of the job can be given as --KEY VALUE, and wins over the file; docs/options.md has all of them. "
                    + "For example:",
            "  ${ROOT-COMMAND-NAME} learn --kafka.bootstrap-servers localhost:9092 --job.checkpoint-directory /tmp/checkpoints"
        },
        mixinStandardHelpOptions = true)
final class LearnCommand implements Callable<Integer> {

    /** How often the job is started again before the command gives up. */
    private static final int ATTEMPTS = 10;

    @Option(names = "--config", paramLabel = "FILE", description = "YAML file of options.")
    private String config;

    @Option(
            names = "--restore",
            paramLabel = "PATH",
            description =
                    "Savepoint or checkpoint to go on from, such as the one that the last run has named at its end.")
    private String restore;

    @Parameters(hidden = true)
    private final List<String> options = new ArrayList<>();

    @Override
    public Integer call() throws Exception {
        List<String> arguments = new ArrayList<>(options);
        if (config != null) {
            arguments.add("--config");
            arguments.add(config);
        }
        JobOptions job = JobOptions.parse(arguments.toArray(String[]::new));
        EncoderEngine.find().requireAskedFor(job.learn().device());
        try (Interruption interruption = new Interruption();
                LocalRun run = LocalRun.create("contrastream-learn")) {
            JobClient running = LearningJob.submit(run.environment(flink()), job);
            System.err.printf(
                    "Learning from '%s' at %s; stop with Ctrl-C%n",
                    job.kafka().topic(Topic.LABELLED_IMAGES), job.kafka().bootstrapServers());
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
        if (restore != null) {
            flink.set(StateRecoveryOptions.SAVEPOINT_PATH, restore);
        }
        return flink;
    }

    private void stop(JobClient running, JobOptions job) throws InterruptedException {
        System.err.println("Writing a savepoint");
        try {
            String savepoint = running.stopWithSavepoint(
                            false, job.checkpointDirectory().orElse(null), SavepointFormatType.CANONICAL)
                    .get();
            System.err.println("Stopped; go on with --restore " + savepoint);
        } catch (ExecutionException e) {
            System.err.println(
                    "contrastream: no savepoint was written: " + e.getCause().getMessage());
        }
    }
}
