package io.contrastream.jobs.option;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * All options of a job; beside them, only keys that start with {@link KafkaSettings#PROPERTIES_PREFIX} are known.
 *
 * @param all in the order in which people should meet them; no two have the same key
 */
public record Settings(List<Setting<?>> all) {

    public Settings {
        all = List.copyOf(all);
        Set<String> keys = new HashSet<>();
        for (Setting<?> setting : all) {
            if (!keys.add(setting.key())) {
                throw new IllegalArgumentException("two options have the key " + setting.key());
            }
        }
    }

    /** Those of some groups, one group behind the other. */
    public static Settings of(List<List<Setting<?>>> groups) {
        return new Settings(groups.stream().<Setting<?>>flatMap(List::stream).toList());
    }

    /** Their keys, in the same order. */
    public List<String> keys() {
        return all.stream().<String>map(Setting::key).toList();
    }
}
