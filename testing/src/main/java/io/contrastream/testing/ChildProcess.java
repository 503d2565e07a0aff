package io.contrastream.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A process that a test has started. Its output goes to a file. It is ended by its id when it is closed, and at the latest when
 * this process ends, however a test went.
 */
public final class ChildProcess implements AutoCloseable {

    /**
     * Options of a JVM that lives for seconds. Most of what it computes is its own start, of which the optimising compiler takes half.
     * Commands of the folder have them, unless their environment says otherwise.
     */
    public static final String BRIEF = "-XX:TieredStopAtLevel=1";

    private static final Duration PATIENCE_AT_THE_END = Duration.ofSeconds(20);

    private final String name;
    private final Process process;
    private final Path output;
    private final Thread atExit;

    private ChildProcess(String name, Process process, Path output) {
        this.name = name;
        this.process = process;
        this.output = output;
        this.atExit = new Thread(process::destroyForcibly, "end of " + name);
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /**
     * Starts one with the Java of this process.
     *
     * @param logs folder for its output
     * @param environment more variables of its environment
     */
    public static ChildProcess start(String name, Path logs, Map<String, String> environment, List<String> command)
            throws IOException {
        Path output = Files.createTempFile(Files.createDirectories(logs), name + "-", ".out");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        builder.environment()
                .put("JAVA_HOME", Path.of(System.getProperty("java.home")).toString());
        builder.environment().put("CONTRASTREAM_JAVA_OPTS", BRIEF);
        builder.environment().putAll(environment);
        return new ChildProcess(name, builder.start(), output);
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Its output so far. */
    public String output() throws IOException {
        return Files.readString(output);
    }

    /**
     * Waits for its end.
     *
     * @return its exit status
     * @throws AssertionError if it takes longer than the given time
     */
    public int exitCode(Duration patience) throws InterruptedException {
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError(this + " takes longer than " + patience);
        }
        return process.exitValue();
    }

    /** Asks it to end, as {@code kill} and Ctrl-C do, and does not wait. */
    public void terminate() {
        process.destroy();
    }

    /** Ends it as {@code kill -9} does: it does not come to know of it. Returns when it is gone. */
    public void kill() {
        process.destroyForcibly().onExit().join();
        close();
    }

    @Override
    public String toString() {
        return name + " (process " + process.pid() + ", output in " + output + ")";
    }

    /** Ends it, first kindly. Idempotent. */
    @Override
    public void close() {
        process.destroy();
        process.onExit()
                .completeOnTimeout(process, PATIENCE_AT_THE_END.toSeconds(), TimeUnit.SECONDS)
                .join();
        if (process.isAlive()) {
            process.destroyForcibly().onExit().join();
        }
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException alreadyShuttingDown) {
            // Then it ends a process that has ended.
        }
    }
}
