package io.contrastream.cli;

import io.contrastream.cli.demo.DemoException;
import io.contrastream.dashboard.DashboardException;
import io.contrastream.datasets.ImageSourceException;
import io.contrastream.jobs.cluster.FlinkSessionException;
import io.contrastream.jobs.learning.state.StartRefusedException;
import io.contrastream.jobs.option.InvalidOptionsException;
import io.contrastream.learning.encoder.EncoderMemoryException;
import io.contrastream.learning.failure.Reason;
import io.contrastream.releases.ReleaseException;
import io.contrastream.releases.WeightsException;
import io.contrastream.topics.Launcher;
import io.contrastream.topics.TopicException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Tells a person what went wrong: one message, no stack trace unless asked for. */
final class Failures {

    private Failures() {}

    /** The command line itself is not right. */
    static int notUnderstood(ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("contrastream: " + failure.getMessage());
        UnmatchedArgumentException.printSuggestions(failure, err);
        String name = command.getCommandSpec().root().name();
        err.println("See: " + Launcher.command()
                + command.getCommandSpec().qualifiedName().substring(name.length()) + " --help");
        err.flush();
        return command.getCommandSpec().exitCodeOnInvalidInput();
    }

    /** The command was understood and did not succeed. */
    static int failed(Exception failure, CommandLine command, boolean stacktrace) {
        PrintWriter err = command.getErr();
        err.println("contrastream: " + text(failure));
        if (stacktrace) {
            failure.printStackTrace(err);
        } else if (!written(failure)) {
            String log = System.getProperty("log.file");
            err.println("Details are " + (log == null || !Files.exists(Path.of(log)) ? "" : "in " + log + ", and ")
                    + "with --stacktrace");
        }
        err.flush();
        return failure instanceof InvalidOptionsException
                ? command.getCommandSpec().exitCodeOnInvalidInput()
                : command.getCommandSpec().exitCodeOnExecutionException();
    }

    /** Whether the message was written for the person who runs the command, and says all there is. */
    private static boolean written(Exception failure) {
        return failure instanceof InvalidOptionsException
                || failure instanceof TopicException
                || failure instanceof StartRefusedException
                || failure instanceof FlinkSessionException
                || failure instanceof ImageSourceException
                || failure instanceof WeightsException
                || failure instanceof ReleaseException
                || failure instanceof DashboardException
                || failure instanceof EncoderMemoryException;
    }

    private static String text(Exception failure) {
        if (written(failure) || failure instanceof DemoException) {
            return failure.getMessage();
        }
        return innermost(failure);
    }

    /** The reason for people that is in the innermost cause. */
    static String innermost(Throwable failure) {
        return Reason.of(failure, "it failed in a way that was not foreseen");
    }
}
