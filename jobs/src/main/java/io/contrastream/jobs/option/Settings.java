package io.contrastream.jobs.option;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All options of the learning job, in the order in which people should meet them. */
public final class Settings {

    /** Every option there is; beside them only keys that start with {@link KafkaSettings#PROPERTIES_PREFIX} are known. */
    public static final List<Setting<?>> ALL = Stream.of(
                    KafkaSettings.ALL, ModelSettings.ALL, LearningSettings.ALL, AugmentSettings.ALL, JobSettings.ALL)
            .flatMap(List::stream)
            .toList();

    static final Map<String, Setting<?>> BY_KEY = ALL.stream()
            .collect(Collectors.toMap(
                    Setting::key,
                    Function.identity(),
                    (one, other) -> {
                        throw new IllegalStateException("two options have the key " + one.key());
                    },
                    LinkedHashMap::new));

    private Settings() {}
}
