package io.contrastream.distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A script of the folder, run as a process of its own, whose output goes to a file. */
final class Script implements AutoCloseable {

    private static final Duration PATIENCE_AT_THE_END = Duration.ofSeconds(20);

    private final String name;
    private final Process process;
    private final Path output;

    private Script(String name, Process process, Path output) {
        this.name = name;
        this.process = process;
        this.output = output;
    }

    /**
     * Starts one with the engine that it takes by itself.
     *
     * @param logs folder for its output and its log files
     */
    static Script start(Path logs, String name, String... arguments) throws IOException {
        return start(logs, Map.of(), name, arguments);
    }

    /**
     * Starts one.
     *
     * @param logs folder for its output and its log files
     * @param environment more variables of its environment
     */
    static Script start(Path logs, Map<String, String> environment, String name, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Folder.HOME.resolve("bin").resolve(name).toString());
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile(logs, name + "-", ".out");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        builder.environment().put("CONTRASTREAM_LOG_DIR", logs.toString());
        builder.environment()
                .put("JAVA_HOME", Path.of(System.getProperty("java.home")).toString());
        builder.environment().putAll(environment);
        return new Script(name, builder.start(), output);
    }

    /**
     * Runs one to its end.
     *
     * @return what it printed
     * @throws AssertionError if it fails or takes longer than the given time
     */
    static String run(Duration patience, Path logs, String name, String... arguments) throws Exception {
        return run(0, patience, logs, name, arguments);
    }

    /** The same for one that should end with the given status. */
    static String run(int status, Duration patience, Path logs, String name, String... arguments) throws Exception {
        try (Script script = start(logs, name, arguments)) {
            if (!script.process.waitFor(patience.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError(name + " takes longer than " + patience + ": " + script.output());
            }
            if (script.process.exitValue() != status) {
                throw new AssertionError(name + " ended with " + script.process.exitValue() + ": " + script.output());
            }
            return script.output();
        }
    }

    /** Whether a run of a script, of a few seconds at most, ends with status 0. */
    static boolean succeeds(Path logs, String name, String... arguments) throws Exception {
        try (Script script = start(logs, name, arguments)) {
            return script.process.waitFor(30, TimeUnit.SECONDS) && script.process.exitValue() == 0;
        }
    }

    /** Waits for its end and returns its exit code. */
    int exitCode(Duration patience) throws InterruptedException {
        if (!process.waitFor(patience.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError(this + " takes longer than " + patience);
        }
        return process.exitValue();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    String output() throws IOException {
        return Files.readString(output);
    }

    @Override
    public String toString() {
        return name + " (process " + process.pid() + ", output in " + output + ")";
    }

    /** Ends the process, first kindly. */
    @Override
    public void close() {
        process.destroy();
        process.onExit()
                .completeOnTimeout(process, PATIENCE_AT_THE_END.toSeconds(), TimeUnit.SECONDS)
                .join();
        if (process.isAlive()) {
            process.destroyForcibly().onExit().join();
        }
    }
}
