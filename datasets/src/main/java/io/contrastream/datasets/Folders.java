package io.contrastream.datasets;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Checks of the places that a person names. */
final class Folders {

    private Folders() {}

    /** The folder of {@code SCHEME:DIR}. */
    static Path require(String source, String place) {
        if (place.isEmpty()) {
            throw new ImageSourceException("'" + source + "' names no folder, expected SCHEME:DIR");
        }
        Path folder;
        try {
            folder = Path.of(place);
        } catch (InvalidPathException e) {
            throw new ImageSourceException("'" + place + "' of '" + source + "' is no path: " + e.getReason(), e);
        }
        if (!Files.exists(folder)) {
            throw new ImageSourceException("there is no folder '" + place + "' (of '" + source + "')");
        }
        if (!Files.isDirectory(folder)) {
            throw new ImageSourceException("'" + place + "' (of '" + source + "') is no folder");
        }
        return folder;
    }
}
