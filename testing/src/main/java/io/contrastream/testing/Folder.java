package io.contrastream.distribution;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.yaml.snakeyaml.Yaml;

/** The folder that the build has assembled, and the POM's versions. */
final class Folder {

    static final Path HOME = Path.of(property("contrastream.folder"));
    static final Path JOB_JAR = HOME.resolve("usrlib/contrastream-job.jar");
    /** Root of the repository. */
    static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();

    private Folder() {}

    /** A property that the build passes to the tests. */
    static String property(String name) {
        return requireNonNull(System.getProperty(name), name);
    }

    /** Jars in one of its folders. */
    static List<Path> jars(String folder) throws IOException {
        try (Stream<Path> files = Files.list(HOME.resolve(folder))) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
        }
    }

    /** A YAML file whose root is a map. */
    static Map<String, Object> yaml(Path file) throws IOException {
        return new Yaml().load(Files.readString(file));
    }

    /** What is at a path of keys in nested maps; the test fails if there is nothing. */
    static Object at(Object map, String... path) {
        Object value = map;
        for (String key : path) {
            value = requireNonNull(((Map<?, ?>) value).get(key), key);
        }
        return value;
    }
}
