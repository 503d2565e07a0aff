package io.contrastream.jobs.option;

import java.util.regex.Pattern;
import org.apache.flink.core.fs.Path;

/**
 * A place in a file system, as Flink has it: like a URI, but every character stands for itself, so that a space is a space and
 * {@code %20} is three characters.
 */
public final class Location {

    private static final Pattern WITH_SCHEME = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]*:.*");

    private Location() {}

    /**
     * The place with a scheme; a path without one means this machine's file system, and a relative one starts at the working
     * directory.
     *
     * @throws IllegalArgumentException if it is no place
     */
    public static String uri(String place) {
        return path(place).toString();
    }

    private static Path path(String place) {
        return WITH_SCHEME.matcher(place).matches()
                ? new Path(place)
                : new Path(
                        "file",
                        null,
                        java.nio.file.Path.of(place)
                                .toAbsolutePath()
                                .normalize()
                                .toString());
    }

    /** Whether it is the same place wherever the process that looks for it was started. */
    public static boolean isAbsolute(String place) {
        return isValid(place)
                && (WITH_SCHEME.matcher(place).matches()
                        ? path(place).toUri().getAuthority() != null
                                || path(place).isAbsolute()
                        : java.nio.file.Path.of(place).isAbsolute());
    }

    public static boolean isValid(String place) {
        try {
            return !place.isBlank() && !uri(place).isEmpty();
        } catch (IllegalArgumentException notAPath) {
            return false;
        }
    }
}
