package io.contrastream.cli;

import io.contrastream.learning.encoder.EncoderEngine;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.ServiceLoader;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line's main class. Exit codes: 0 done, 1 failed, 2 the command was not understood. */
@Command(
        name = "contrastream",
        description = "Keeps an image encoder learning from a Kafka stream.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            DashboardCommand.class,
            ProduceCommand.class,
            ForgetCommand.class,
            LearnCommand.class,
            EmbedCommand.class,
            TailCommand.class,
            ExportCommand.class,
            TopicsCommand.class,
            WeightsCommand.class,
            SubmitCommand.class,
            StopCommand.class,
            CheckpointsCommand.class,
            ReleasesCommand.class,
        },
        footer = {"", "Try: ${sys:contrastream.command:-contrastream} demo"})
public final class Contrastream implements Runnable {

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--stacktrace",
            scope = ScopeType.INHERIT,
            description = "Show where in the program a failure came from.")
    private boolean stacktrace;

    @Option(
            names = "--engine",
            paramLabel = "NAME",
            scope = ScopeType.INHERIT,
            description = "What encodes and learns: dl4j or torch. Default: $CONTRASTREAM_ENGINE, else dl4j.")
    void requireEngine(String name) {
        // The start script has chosen the class path by it.
        String found = EncoderEngine.find().name();
        if (!name.equals(found)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "the engine on the class path is " + found + ", not '" + name
                            + "'; the start script puts the one that --engine names there: dl4j or torch");
        }
    }

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    /** All of it, with the commands that other jars on the class path add. */
    public static CommandLine commandLine() {
        Contrastream root = new Contrastream();
        CommandLine commandLine = new CommandLine(root);
        ServiceLoader.load(AddedCommand.class, Contrastream.class.getClassLoader())
                .forEach(commandLine::addSubcommand);
        // The options of the job are its own: it reads them, and tells what is wrong with them.
        for (String command : List.of("learn", "embed", "submit", "stop")) {
            commandLine.getSubcommands().get(command).setUnmatchedOptionsArePositionalParams(true);
        }
        commandLine
                .getSubcommands()
                .get("checkpoints")
                .getSubcommands()
                .values()
                .forEach(command -> command.setUnmatchedOptionsArePositionalParams(true));
        return commandLine
                // Other programs read it, and JSON is UTF-8, whatever the locale is.
                .setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8))
                .setUsageHelpAutoWidth(true)
                .setUsageHelpLongOptionsMaxWidth(32)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Failures::notUnderstood)
                .setExecutionExceptionHandler(
                        (failure, command, parsed) -> Failures.failed(failure, command, root.stacktrace));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }
}
