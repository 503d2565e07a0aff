package io.contrastream.benchmarks;

import io.contrastream.benchmarks.continual.ContinualCommand;
import io.contrastream.benchmarks.continual.DriftCommand;
import io.contrastream.benchmarks.continual.UnknownCommand;
import io.contrastream.benchmarks.embedding.AgreementCommand;
import io.contrastream.benchmarks.embedding.EmbeddingCommand;
import io.contrastream.benchmarks.encoder.EncoderCommand;
import io.contrastream.benchmarks.late.LateLabelsCommand;
import io.contrastream.benchmarks.learner.LearnerCommand;
import io.contrastream.benchmarks.scaling.ScalingCommand;
import io.contrastream.cli.AddedCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code contrastream bench}. */
@Command(
        name = "bench",
        description = "Measures the system on this machine.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            EncoderCommand.class,
            LearnerCommand.class,
            ScalingCommand.class,
            EmbeddingCommand.class,
            LateLabelsCommand.class,
            ContinualCommand.class,
            UnknownCommand.class,
            DriftCommand.class,
            AgreementCommand.class
        })
public final class BenchCommand implements AddedCommand, Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "say what to measure: " + String.join(", ", spec.subcommands().keySet()));
    }
}
