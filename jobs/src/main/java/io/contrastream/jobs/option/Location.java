package io.contrastream.jobs.option;

import java.net.URI;
import java.nio.file.Path;

/** A place in a file system, as Flink wants to have it said. */
public final class Location {

    private Location() {}

    /**
     * The place as a URI with a scheme; a path without one means this machine's file system, and a relative one starts at
     * the working directory.
     *
     * @throws IllegalArgumentException if it is neither a path nor a URI
     */
    public static String uri(String place) {
        return place.matches("[a-zA-Z][a-zA-Z0-9+.-]*:.*")
                ? URI.create(place).toString()
                : Path.of(place).toAbsolutePath().normalize().toUri().toString();
    }

    /** Whether it is the same place wherever the process that looks for it was started. */
    public static boolean isAbsolute(String place) {
        return isValid(place)
                && (place.matches("[a-zA-Z][a-zA-Z0-9+.-]*:.*")
                        ? URI.create(place).getPath() != null
                        : Path.of(place).isAbsolute());
    }

    public static boolean isValid(String place) {
        try {
            return !place.isBlank() && !uri(place).isEmpty();
        } catch (IllegalArgumentException notAPath) {
            return false;
        }
    }
}
