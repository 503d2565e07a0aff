package io.contrastream.jobs.option;

import java.io.File;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.YamlParserUtils;

/**
 * Reads options as they are given: {@code --config FILE} names a YAML file, whose keys are dotted ({@code learner.batch-size: 10})
 * or nested maps or both; {@code --key value} and {@code --key=value} give single options and win over the file. A value
 * that starts with two dashes needs the second form.
 */
public final class OptionSource {

    private static final Pattern PLACE = Pattern.compile("line \\d+, column \\d+");

    private static final String CONFIG = "config";

    private final Map<String, String> fromFile = new LinkedHashMap<>();
    private final Map<String, String> fromArguments = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();

    private OptionSource() {}

    /** Reads arguments and the file that they name. What is wrong with them is found in {@link #problems()}. */
    public static OptionSource of(String... arguments) {
        OptionSource source = new OptionSource();
        source.readArguments(List.of(arguments));
        String file = source.fromArguments.remove(CONFIG);
        if (file != null) {
            source.readFile(new File(file));
        }
        return source;
    }

    /** The options, keys flat, values as they were written; not checked. */
    public Configuration configuration() {
        Map<String, String> all = new LinkedHashMap<>(fromFile);
        all.putAll(fromArguments);
        return Configuration.fromMap(all);
    }

    /** Errors of arguments and file; empty if there are none. */
    public List<String> problems() {
        return Collections.unmodifiableList(problems);
    }

    private void readArguments(List<String> arguments) {
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (!argument.startsWith("--") || argument.length() == 2) {
                problems.add("'" + argument + "' is not understood: arguments are --config FILE and --KEY VALUE");
                continue;
            }
            int equals = argument.indexOf('=');
            String key = equals < 0 ? argument.substring(2) : argument.substring(2, equals);
            if (equals >= 0) {
                put(fromArguments, key, argument.substring(equals + 1), "--" + key);
            } else if (i + 1 < arguments.size() && !arguments.get(i + 1).startsWith("--")) {
                put(fromArguments, key, arguments.get(++i), "--" + key);
            } else {
                // All of a job's options have a dot in their names, and a value.
                problems.add(key.contains(".") ? "--" + key + " has no value" : "there is no option --" + key);
            }
        }
    }

    private void readFile(File file) {
        if (!file.isFile() || !file.canRead()) {
            problems.add("--config " + file + ": there is no such file, or it cannot be read");
            return;
        }
        try {
            flatten("", YamlParserUtils.loadYamlFile(file), file);
        } catch (ClassCastException notAMap) {
            problems.add("--config " + file + ": must be a map of keys and values");
        } catch (Exception malformed) {
            problems.add("--config " + file + ": " + problem(malformed));
        }
    }

    /** Where a file stops being YAML: the parser's own words are about its insides. */
    private static String problem(Exception malformed) {
        String place = PLACE.matcher(String.valueOf(malformed.getMessage()))
                .results()
                .map(MatchResult::group)
                .reduce((first, last) -> last)
                .map(last -> " from " + last + " on")
                .orElse("");
        return "is not YAML" + place;
    }

    private void flatten(String prefix, Map<?, ?> map, File file) {
        map.forEach((key, value) -> {
            String path = prefix + key;
            if (value instanceof Map<?, ?> nested) {
                flatten(path + ".", nested, file);
            } else {
                put(fromFile, path, text(value), path + " in " + file);
            }
        });
    }

    private void put(Map<String, String> options, String key, String value, String where) {
        if (options.putIfAbsent(key, value) != null) {
            problems.add(where + " is given twice");
        }
    }

    private static String text(Object value) {
        if (value == null) {
            return "";
        }
        return value instanceof List<?> list ? YamlParserUtils.toYAMLString(list) : value.toString();
    }
}
