package io.contrastream.benchmarks.continual;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Runs as processes of this command line's own program and class path. All of them end when this is closed or this process ends,
 * however it does: they read its end from their standard input. Not thread-safe.
 */
final class RunProcesses implements AutoCloseable {

    private static final String LOG_FILE = "-Dlog.file=";
    private static final long WAIT_MILLIS = 100;

    private final Map<Run, Process> running = new ConcurrentHashMap<>();
    private final Thread atExit = new Thread(() -> List.copyOf(running.values()).forEach(Process::destroyForcibly));

    RunProcesses() {
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** A run whose process has ended. */
    record Ended(Run run, int status) {}

    /** @param arguments of the command line */
    void start(Run run, List<String> arguments) throws IOException {
        running.put(
                run,
                new ProcessBuilder(command(run, arguments))
                        .redirectErrorStream(true)
                        .redirectOutput(
                                ProcessBuilder.Redirect.appendTo(run.log().toFile()))
                        .start());
    }

    /** A process of this program for a run. */
    static List<String> command(Run run, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String argument : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            // A log file is written and rotated by one process alone.
            command.add(
                    argument.startsWith(LOG_FILE)
                            ? LOG_FILE + run.results().resolve(run.name() + ".events.log")
                            : argument);
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.contrastream.cli.Contrastream"));
        command.addAll(arguments);
        return command;
    }

    int count() {
        return running.size();
    }

    /** Waits a moment; then a run that has ended, if there is one. */
    Optional<Ended> ended() throws InterruptedException {
        Thread.sleep(WAIT_MILLIS);
        for (Map.Entry<Run, Process> each : running.entrySet()) {
            if (!each.getValue().isAlive()) {
                running.remove(each.getKey());
                return Optional.of(new Ended(each.getKey(), each.getValue().exitValue()));
            }
        }
        return Optional.empty();
    }

    /** Ends what still runs, and waits until it has ended. */
    @Override
    public void close() {
        for (Process process : running.values()) {
            process.destroyForcibly().onExit().join();
        }
        running.clear();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException ending) {
            // The hook is at work already.
            return;
        }
    }
}
