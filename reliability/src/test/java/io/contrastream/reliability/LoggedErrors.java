package io.contrastream.reliability;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The errors that the folder's processes have logged, in their log files and on their consoles. */
final class LoggedErrors {

    private static final Pattern ERROR = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\S+ (.* )?ERROR .*");

    /** Of each kind that {@code docs/reliability.md} explains: a text of its line, and one that stands elsewhere in the same file. */
    private static final Map<String, String> EXPLAINED = Map.of(
            "because its producer is already fenced", "Nothing is lost unless the job was down for longer than",
            "Exception occurred in REST handler: Could not execute application", "StartRefusedException",
            "Fatal error occurred in the cluster entrypoint", "StartRefusedException",
            "Encountered error while consuming partitions", "Connection reset by peer",
            "Caught exception while executing runnable in main thread", "Trying to open gateway for unseen checkpoint",
            "from org.apache.kafka.common.metrics.JmxReporter",
                    "Exception: kafka.admin.client:type=admin-client-metrics",
            "Exception while handling result from async call in SourceCoordinator",
                    "Failed to list subscribed topic partitions",
            "Uncaught exception in the SplitEnumerator", "java.lang.NoClassDefFoundError",
            "Uncaught exception in thread 'kafka-admin-client-thread", "Uncaught exception in the SplitEnumerator");

    private LoggedErrors() {}

    /** Deletes what earlier runs have logged. */
    static void forget(Path logs) throws IOException {
        if (Files.exists(logs)) {
            try (Stream<Path> files = Files.walk(logs)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** Lines of errors that are not explained, with the line behind each, by the file's name; the broker's are not looked at. */
    static List<String> unexplained(Path logs) throws IOException {
        List<String> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(logs)) {
            files.filter(file -> file.getFileName().toString().matches("[^k].*\\.(log|out)"))
                    // A command that fails says why.
                    .filter(file -> !file.getFileName().toString().startsWith("flink-"))
                    .forEach(file -> collect(file, found));
        }
        return found;
    }

    private static void collect(Path file, List<String> found) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (ERROR.matcher(line).matches()
                    && EXPLAINED.entrySet().stream()
                            .noneMatch(kind -> line.contains(kind.getKey()) && text.contains(kind.getValue()))) {
                found.add(file.getFileName() + ": " + line + (i + 1 < lines.size() ? " / " + lines.get(i + 1) : ""));
            }
        }
    }
}
