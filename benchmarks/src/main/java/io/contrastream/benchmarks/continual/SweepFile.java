package io.contrastream.benchmarks.continual;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.flink.configuration.YamlParserUtils;

/**
 * Settings to compare, from a YAML file: under {@code settings} the options of a job that each sets, by its name; under {@code all},
 * which may be missing, those that all of them set unless they say otherwise. Keys are dotted or nested maps or both.
 *
 * @param settings a job's options by name, in the file's order
 */
record SweepFile(Map<String, Map<String, String>> settings) {

    private static final String SETTINGS = "settings";
    private static final String ALL = "all";

    /** @throws IllegalArgumentException saying what is wrong, if there is no such file or it is not a list of settings */
    static SweepFile read(Path file) {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw new IllegalArgumentException("--sweep " + file + ": there is no such file, or it cannot be read");
        }
        Map<?, ?> content;
        try {
            content = YamlParserUtils.loadYamlFile(new File(file.toString()));
        } catch (Exception malformed) {
            throw new IllegalArgumentException(
                    "--sweep " + file + ": is not YAML, or not a map of keys and values", malformed);
        }
        for (Object key : content.keySet()) {
            if (!Set.of(SETTINGS, ALL).contains(key)) {
                throw new IllegalArgumentException(
                        "--sweep " + file + ": has '" + key + "', but must have " + SETTINGS + " and may have " + ALL);
            }
        }
        Map<String, String> all = content.containsKey(ALL) ? options(file, ALL, content.get(ALL)) : Map.of();
        if (!(content.get(SETTINGS) instanceof Map<?, ?> named) || named.isEmpty()) {
            throw new IllegalArgumentException("--sweep " + file + ": must have " + SETTINGS + ", options by name");
        }
        Map<String, Map<String, String>> settings = new LinkedHashMap<>();
        named.forEach((key, value) -> {
            String name = key.toString();
            if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
                throw new IllegalArgumentException("--sweep " + file + ": '" + name
                        + "' is no name of a setting: letters, digits, '.', '_' and '-' are");
            }
            Map<String, String> options = new TreeMap<>(all);
            options.putAll(options(file, name, value));
            settings.put(name, options);
        });
        return new SweepFile(settings);
    }

    private static Map<String, String> options(Path file, String name, Object value) {
        Map<String, String> options = new TreeMap<>();
        if (value instanceof Map<?, ?> map) {
            flatten("", map, options);
        } else if (value != null) {
            throw new IllegalArgumentException(
                    "--sweep " + file + ": " + name + " is '" + value + "', but must be a map of options");
        }
        return options;
    }

    private static void flatten(String prefix, Map<?, ?> map, Map<String, String> options) {
        map.forEach((key, value) -> {
            if (value instanceof Map<?, ?> nested) {
                flatten(prefix + key + ".", nested, options);
            } else {
                options.put(prefix + key, value == null ? "" : value.toString());
            }
        });
    }
}
