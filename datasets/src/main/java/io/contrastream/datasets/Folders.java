package io.contrastream.datasets;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Checks of the folders and files that a person names. */
final class Folders {

    private Folders() {}

    /** The folder of {@code SCHEME:DIR}. */
    static Path require(String source, String place) {
        Path folder = path(source, place, "folder", "DIR");
        if (!Files.isDirectory(folder)) {
            throw new ImageSourceException("'" + place + "' (of '" + source + "') is no folder");
        }
        return folder;
    }

    /** The file of {@code SCHEME:FILE}. */
    static Path requireFile(String source, String place) {
        Path file = path(source, place, "file", "FILE");
        if (!Files.isRegularFile(file)) {
            throw new ImageSourceException("'" + place + "' (of '" + source + "') is no file");
        }
        return file;
    }

    private static Path path(String source, String place, String kind, String expected) {
        if (place.isEmpty()) {
            throw new ImageSourceException("'" + source + "' names no " + kind + ", expected SCHEME:" + expected);
        }
        Path path;
        try {
            path = Path.of(place);
        } catch (InvalidPathException e) {
            throw new ImageSourceException("'" + place + "' of '" + source + "' is no path: " + e.getReason(), e);
        }
        if (!Files.exists(path)) {
            throw new ImageSourceException("there is no " + kind + " '" + place + "' (of '" + source + "')");
        }
        return path;
    }
}
