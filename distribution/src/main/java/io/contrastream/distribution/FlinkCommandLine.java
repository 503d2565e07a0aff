package io.contrastream.distribution;

import java.util.Arrays;
import java.util.List;
import org.apache.flink.client.cli.CliArgsException;
import org.apache.flink.client.cli.CliFrontend;
import org.apache.flink.client.cli.CustomCommandLine;
import org.apache.flink.client.program.ProgramMissingJobException;
import org.apache.flink.client.program.ProgramParametrizationException;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.runtime.security.SecurityConfiguration;
import org.apache.flink.runtime.security.SecurityUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Flink's command line, except that a failure is printed as a sentence; the stack trace goes to the log, and to the console if it is
 * asked for.
 */
public final class FlinkCommandLine extends CliFrontend {

    private static final Logger LOG = LoggerFactory.getLogger(FlinkCommandLine.class);

    /** To reach a JobManager, with three seconds in between. Flink's default is a minute of them, without a word. */
    private static final int ATTEMPTS = 3;

    private static final String STACKTRACE = "--stacktrace";
    /** Property with the command as it was typed. */
    private static final String LAUNCHER = "contrastream.flink";

    private final boolean stacktrace;

    private FlinkCommandLine(Configuration configuration, List<CustomCommandLine> lines, boolean stacktrace) {
        super(configuration, lines);
        this.stacktrace = stacktrace;
    }

    /**
     * Runs one of Flink's actions and ends the process with its exit code.
     *
     * @param arguments Flink's; behind a first one of {@code --stacktrace}, failures are told with all of their stack traces
     */
    public static void main(String[] arguments) {
        boolean stacktrace = arguments.length > 0 && arguments[0].equals(STACKTRACE);
        String[] own = stacktrace ? Arrays.copyOfRange(arguments, 1, arguments.length) : arguments;
        String folder = getConfigurationDirectoryFromEnv();
        Configuration configuration = GlobalConfiguration.loadConfiguration(folder);
        if (!configuration.contains(RestOptions.RETRY_MAX_ATTEMPTS)) {
            configuration.set(RestOptions.RETRY_MAX_ATTEMPTS, ATTEMPTS);
        }
        FlinkCommandLine commandLine =
                new FlinkCommandLine(configuration, loadCustomCommandLines(configuration, folder), stacktrace);
        int status;
        try {
            SecurityUtils.install(new SecurityConfiguration(configuration));
            status = SecurityUtils.getInstalledContext().runSecured(() -> commandLine.parseAndRun(own));
        } catch (Exception e) {
            LOG.error("The command failed", e);
            System.err.println("flink: " + FailureSentence.of(e));
            status = 1;
        }
        System.exit(status);
    }

    @Override
    protected void run(String[] arguments) throws Exception {
        told(() -> super.run(arguments));
    }

    @Override
    protected void info(String[] arguments) throws Exception {
        told(() -> super.info(arguments));
    }

    @Override
    protected void list(String[] arguments) throws Exception {
        told(() -> super.list(arguments));
    }

    @Override
    protected void stop(String[] arguments) throws Exception {
        told(() -> super.stop(arguments));
    }

    @Override
    protected void cancel(String[] arguments) throws Exception {
        told(() -> super.cancel(arguments));
    }

    @Override
    protected void savepoint(String[] arguments) throws Exception {
        told(() -> super.savepoint(arguments));
    }

    @Override
    protected void checkpoint(String[] arguments) throws Exception {
        told(() -> super.checkpoint(arguments));
    }

    /** Of an exception of this kind, Flink's command line prints the message alone. */
    private void told(Action action) throws Exception {
        try {
            action.run();
        } catch (CliArgsException | ProgramParametrizationException | ProgramMissingJobException alreadyTold) {
            throw alreadyTold;
        } catch (Exception e) {
            if (stacktrace) {
                throw e;
            }
            LOG.error("The command failed", e);
            String log = System.getProperty("log.file");
            throw new ProgramParametrizationException("flink: " + FailureSentence.of(e) + System.lineSeparator()
                    + "The stack trace is " + (log == null ? "" : "in " + log + ", and ") + "shown by: "
                    + System.getProperty(LAUNCHER, "flink") + " " + STACKTRACE + " ...");
        }
    }

    @FunctionalInterface
    private interface Action {
        void run() throws Exception;
    }
}
