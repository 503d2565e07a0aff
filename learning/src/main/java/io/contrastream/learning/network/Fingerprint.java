package io.contrastream.learning.network;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/**
 * The properties that tell one network from another, as a state has them: {@code architecture=resnet18 stem=cifar …}, in one line.
 *
 * <p>A property that comes later gets a default in {@link #LATER}: networks before it had that value. A property with its default is
 * not written and need not be there, so that it makes no stranger of an older state, and none of a newer one to an older version.
 *
 * @param version of the form; a text without {@code version} has version 1
 * @param properties by name, in the order of the text, without those that have their default
 */
public record Fingerprint(int version, Map<String, String> properties) {

    /** The form that is written. */
    public static final int VERSION = 1;

    /** Whether an embedding is of the image and its mirror image. */
    static final String MIRROR_EMBEDDING = "mirror-embedding";

    /** Defaults of the properties that were not there from the start. */
    private static final Map<String, String> LATER = Map.of(MIRROR_EMBEDDING, "false");

    private static final String VERSION_KEY = "version";

    public Fingerprint {
        properties = new LinkedHashMap<>(properties);
    }

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException if it is of a version not known here
     */
    public static Fingerprint parse(String text) {
        return parse(text, LATER);
    }

    static Fingerprint parse(String text, Map<String, String> later) {
        Map<String, String> properties = new LinkedHashMap<>();
        for (String part : text.split(" (?=[\\w.-]+=)", -1)) {
            int equals = part.indexOf('=');
            properties.put(part.substring(0, Math.max(0, equals)), part.substring(equals + 1));
        }
        String stated = properties.remove(VERSION_KEY);
        later.forEach(properties::remove); // key and value
        if (stated != null && !stated.equals(Integer.toString(VERSION))) {
            throw new IllegalArgumentException("the fingerprint has version " + stated + ", but only version " + VERSION
                    + " is known here: [" + text + "]");
        }
        return new Fingerprint(VERSION, properties);
    }

    /** Whether the networks are the same. */
    public static boolean same(String some, String others) {
        return some.equals(others) || parse(some).equals(parse(others));
    }

    /** All properties by name, those that have their default too. */
    public Map<String, String> all() {
        Map<String, String> all = new LinkedHashMap<>(properties);
        LATER.forEach(all::putIfAbsent);
        return all;
    }

    /** Names of the properties in which two networks differ, in the order of this one's, then of the other's. */
    public Iterable<String> differences(Fingerprint other) {
        Map<String, Boolean> names = new LinkedHashMap<>();
        properties.keySet().forEach(name -> names.put(name, true));
        new TreeSet<>(other.properties.keySet()).forEach(name -> names.put(name, true));
        names.keySet().removeIf(name -> Objects.equals(properties.get(name), other.properties.get(name)));
        return names.keySet();
    }

    /** One line, from which {@link #parse} makes the same. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        properties.forEach((name, value) ->
                text.append(text.isEmpty() ? "" : " ").append(name).append('=').append(value));
        return text.toString();
    }
}
