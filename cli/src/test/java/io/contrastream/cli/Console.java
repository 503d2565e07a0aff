package io.contrastream.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/**
 * Outcome of a command.
 *
 * @param exitCode its exit code
 * @param out what it wrote to the standard output
 * @param err what it wrote to the standard error stream
 */
record Console(int exitCode, String out, String err) {

    static Console run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commandLine = Contrastream.commandLine();
        commandLine.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return new Console(commandLine.execute(arguments), out.toString(), err.toString());
    }
}
