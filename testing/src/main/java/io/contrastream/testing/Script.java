package io.contrastream.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Scripts of the folder, each run as a process of its own. */
public final class Script {

    private Script() {}

    /**
     * Starts one with the engine that it takes by itself.
     *
     * @param logs folder for its output and its log files
     */
    public static ChildProcess start(Path logs, String name, String... arguments) throws IOException {
        return start(logs, Map.of(), name, arguments);
    }

    /**
     * Starts one.
     *
     * @param logs folder for its output and its log files
     * @param environment more variables of its environment
     */
    public static ChildProcess start(Path logs, Map<String, String> environment, String name, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Folder.HOME.resolve("bin").resolve(name).toString());
        command.addAll(List.of(arguments));
        Map<String, String> all = new HashMap<>(environment);
        all.put("CONTRASTREAM_LOG_DIR", logs.toString());
        return ChildProcess.start(name, logs, all, command);
    }

    /**
     * Runs one to its end.
     *
     * @return what it printed
     * @throws AssertionError if it fails or takes longer than the given time
     */
    public static String run(Duration patience, Path logs, String name, String... arguments) throws Exception {
        return run(0, patience, logs, name, arguments);
    }

    /** The same for one that should end with the given status. */
    public static String run(int status, Duration patience, Path logs, String name, String... arguments)
            throws Exception {
        try (ChildProcess script = start(logs, name, arguments)) {
            int exitCode = script.exitCode(patience);
            if (exitCode != status) {
                throw new AssertionError(name + " ended with " + exitCode + ": " + script.output());
            }
            return script.output();
        }
    }
}
