package io.contrastream.distribution;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.yaml.snakeyaml.Yaml;

/** Reads a YAML file. */
final class YamlFile {

    private YamlFile() {}

    /** One whose root is a map. */
    static Map<String, Object> read(Path file) throws IOException {
        return new Yaml().load(Files.readString(file));
    }

    /** Value at a path of keys in nested maps; the test fails if there is nothing. */
    static Object at(Object map, String... path) {
        Object value = map;
        for (String key : path) {
            value = requireNonNull(((Map<?, ?>) value).get(key), key);
        }
        return value;
    }
}
