package io.contrastream.cli;

import io.contrastream.cli.local.LocalCluster;
import io.contrastream.cli.local.LocalRun;
import io.contrastream.jobs.embedding.EmbeddingJob;
import io.contrastream.jobs.embedding.EmbeddingOptions;
import io.contrastream.topics.Topic;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.execution.JobClient;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code contrastream embed}. */
@Command(
        name = "embed",
        description = {
            "Runs the embedding job against a Kafka cluster, in this process: embeds image-queries with the newest"
                    + " announced release of a model.",
            "Goes on until it is stopped with Ctrl-C; the same command goes on where its consumer group has come to, or with"
                    + " exactly-once output from its newest checkpoint.",
            "With --images, it embeds what there is, with one release and into a topic of its own, and ends: for an index that is"
                    + " to move to another encoder."
        },
        customSynopsis = {
            "contrastream embed [--config FILE] [--KEY VALUE]...",
            "contrastream embed --images SOURCE --output TOPIC [--release VERSION] [--config FILE] [--KEY VALUE]..."
        },
        footer = {
            "",
            "Any option of the job can be given as --KEY VALUE, and wins over the file; docs/options.md has all of them. "
                    + "For example:",
            "  ${sys:contrastream.command:-contrastream} embed --kafka.bootstrap-servers localhost:9092 --job.checkpoint-directory /tmp/checkpoints",
            "  ${sys:contrastream.command:-contrastream} embed --images topic:labelled-images --release 2000 --output embeddings-2000 --kafka.bootstrap-servers localhost:9092"
        },
        mixinStandardHelpOptions = true)
final class EmbedCommand implements Callable<Integer> {

    /** How often the job is started again before the command gives up. */
    private static final int ATTEMPTS = 10;

    @Mixin
    private JobArguments arguments;

    @Spec
    private CommandSpec spec;

    @ArgGroup(exclusive = false)
    private ReembedOptions reembed;

    @Override
    public Integer call() throws Exception {
        if (reembed != null) {
            return reembed();
        }
        EmbeddingOptions job = EmbeddingOptions.parse(arguments.texts());
        FlinkFolder.configuration(Map.of());
        try (Interruption interruption = new Interruption();
                LocalRun run = LocalRun.create("contrastream-embed")) {
            try {
                JobClient running = EmbeddingJob.submit(run.environment(flink()), job, System.err::println);
                System.err.printf(
                        "Embedding from '%s' at %s; stop with Ctrl-C%n",
                        job.kafka().topic(Topic.IMAGE_QUERIES), job.kafka().bootstrapServers());
                running.getJobExecutionResult().get();
                return 0;
            } catch (InterruptedException e) {
                return Interruption.EXIT_CODE;
            } catch (ExecutionException e) {
                if (interruption.happened()) {
                    return Interruption.EXIT_CODE;
                }
                throw e.getCause() instanceof Exception cause ? cause : e;
            }
        }
    }

    private int reembed() throws Exception {
        String[] all = Stream.concat(Arrays.stream(arguments.texts()), Reembed.arguments(reembed).stream())
                .toArray(String[]::new);
        EmbeddingOptions job = EmbeddingOptions.parse(all);
        FlinkFolder.configuration(Map.of());
        try (Interruption interruption = new Interruption();
                LocalRun run = LocalRun.create("contrastream-embed")) {
            try {
                CommandLine command = spec.commandLine();
                return new Reembed(reembed, job, command.getOut(), command.getErr()).run(run, flink());
            } catch (InterruptedException e) {
                return Interruption.EXIT_CODE;
            } catch (ExecutionException e) {
                if (interruption.happened()) {
                    return Interruption.EXIT_CODE;
                }
                throw e.getCause() instanceof Exception cause ? cause : e;
            }
        }
    }

    private static Configuration flink() {
        Configuration flink = LocalCluster.settings();
        flink.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
        flink.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_ATTEMPTS, ATTEMPTS);
        return flink;
    }
}
