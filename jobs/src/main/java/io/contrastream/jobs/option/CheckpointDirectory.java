package io.contrastream.jobs.option;

import java.net.URI;
import java.nio.file.Path;

/** Where checkpoints go, as Flink wants to have it said. */
public final class CheckpointDirectory {

    private CheckpointDirectory() {}

    /**
     * The directory as a URI with a scheme; a path without one means this machine's file system, and a relative one starts at
     * the working directory.
     *
     * @throws IllegalArgumentException if it is neither a path nor a URI
     */
    public static String uri(String directory) {
        return directory.matches("[a-zA-Z][a-zA-Z0-9+.-]*:.*")
                ? URI.create(directory).toString()
                : Path.of(directory).toAbsolutePath().normalize().toUri().toString();
    }

    static boolean isValid(String directory) {
        try {
            return !directory.isBlank() && !uri(directory).isEmpty();
        } catch (IllegalArgumentException notAPath) {
            return false;
        }
    }
}
