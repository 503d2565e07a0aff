package io.contrastream.testing;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The folder that the build has assembled, and the POM's versions. */
public final class Folder {

    public static final Path HOME = Path.of(property("contrastream.folder"));
    public static final Path JOB_JAR = HOME.resolve("usrlib/contrastream-job.jar");
    /** Root of the repository. */
    public static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();

    private Folder() {}

    /** A property that the build passes to the tests. */
    public static String property(String name) {
        return requireNonNull(System.getProperty(name), name);
    }

    /** Jars in one of its folders. */
    public static List<Path> jars(String folder) throws IOException {
        try (Stream<Path> files = Files.list(HOME.resolve(folder))) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
        }
    }
}
