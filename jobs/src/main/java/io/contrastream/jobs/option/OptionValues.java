package io.contrastream.jobs.option;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.Configuration;

/**
 * The values of all options of a configuration, each checked on its own at once; checks that concern several follow with
 * {@link #require}. Problems are gathered, so that {@link #throwIfInvalid} can report all of them.
 *
 * <p>Not thread-safe.
 */
public final class OptionValues {

    private final Settings settings;
    private final Configuration configuration;
    private final Map<String, Object> values = new HashMap<>();
    private final Set<String> invalid = new HashSet<>();
    private final List<String> problems = new ArrayList<>();

    /** Reads and checks every option of the settings, and that there is no other one. */
    public OptionValues(Settings settings, Configuration configuration) {
        this.settings = settings;
        this.configuration = configuration;
        settings.all().forEach(this::read);
        new TreeSet<>(this.configuration.keySet()).forEach(this::requireKnown);
    }

    /**
     * The value of an option that is set or has a default.
     *
     * @throws IllegalStateException if it has none or an invalid one: {@link #throwIfInvalid} was not called
     */
    public <T> T get(Setting<T> setting) {
        return find(setting).orElseThrow(() -> new IllegalStateException(setting.key() + " has no valid value"));
    }

    /** The value of an option, or nothing if it is not set and has no default, or is invalid. */
    public <T> Optional<T> find(Setting<T> setting) {
        @SuppressWarnings("unchecked") // read() put it there under the key of its own setting
        T value = (T) values.get(setting.key());
        return Optional.ofNullable(value);
    }

    /** Whether somebody has set the option, whatever to. */
    public boolean isSet(Setting<?> setting) {
        return raw(setting).isPresent();
    }

    /** All keys with the prefix, without it, and their values. */
    public Map<String, String> withPrefix(String prefix) {
        Map<String, String> found = new TreeMap<>();
        configuration.toMap().forEach((key, value) -> {
            if (key.startsWith(prefix)) {
                found.put(key.substring(prefix.length()), value);
            }
        });
        return found;
    }

    /** The value of an option as it was written, or its default; in quotes unless it is a number. */
    public String written(Setting<?> setting) {
        return quoted(raw(setting).or(setting::defaultText).orElse("not set"));
    }

    /** The values of the settings as they were written, or their defaults, by key; without those that have neither. */
    public SortedMap<String, String> texts(Settings some) {
        SortedMap<String, String> texts = new TreeMap<>();
        for (Setting<?> setting : some.all()) {
            raw(setting).or(setting::defaultText).ifPresent(text -> texts.put(setting.key(), text));
        }
        return texts;
    }

    /** Notes that an option must have been set. */
    public void requireSet(Setting<?> setting) {
        if (!values.containsKey(setting.key()) && !invalid.contains(setting.key())) {
            problem(
                    setting.key() + " is not set, but must be "
                            + setting.allowed().text(),
                    setting);
        }
    }

    /**
     * Notes a problem unless the condition holds. Not evaluated if one of the options that it is about is invalid already.
     *
     * @param problem what is wrong; names an option, its value and what is allowed
     * @param about the options that the condition needs
     */
    public void require(Supplier<Boolean> condition, Supplier<String> problem, Setting<?>... about) {
        for (Setting<?> setting : about) {
            if (invalid.contains(setting.key())) {
                return;
            }
        }
        if (!condition.get()) {
            problem(problem.get(), about);
        }
    }

    /** Notes a problem found elsewhere. */
    public void problem(String problem, Setting<?>... about) {
        problems.add(problem);
        for (Setting<?> setting : about) {
            invalid.add(setting.key());
        }
    }

    /** @throws InvalidOptionsException with all problems, the earlier ones first, if there is one */
    public void throwIfInvalid(Collection<String> earlier) {
        List<String> all = new ArrayList<>(earlier);
        all.addAll(problems);
        if (!all.isEmpty()) {
            throw new InvalidOptionsException(all);
        }
    }

    private <T> void read(Setting<T> setting) {
        try {
            configuration
                    .getOptional(setting.option())
                    .or(() -> byDefault(setting))
                    .ifPresent(value -> {
                        if (!setting.allowed().test().test(value)) {
                            throw new IllegalArgumentException("out of range");
                        }
                        values.put(setting.key(), value);
                    });
        } catch (IllegalArgumentException malformedOrOutOfRange) {
            problem(
                    setting.key() + " is " + written(setting) + ", but must be "
                            + setting.allowed().text(),
                    setting);
        }
    }

    private static <T> Optional<T> byDefault(Setting<T> setting) {
        ConfigOption<T> option = setting.option();
        return Optional.ofNullable(option.defaultValue());
    }

    private void requireKnown(String key) {
        if (!settings.keys().contains(key) && !isClientProperty(key)) {
            problems.add("there is no option " + key
                    + NearestKey.to(key, settings.keys())
                            .map(nearest -> ": did you mean " + nearest + "?")
                            .orElse("; docs/options.md lists all there are"));
        }
    }

    private static boolean isClientProperty(String key) {
        return key.startsWith(KafkaSettings.PROPERTIES_PREFIX)
                && key.length() > KafkaSettings.PROPERTIES_PREFIX.length();
    }

    private Optional<String> raw(Setting<?> setting) {
        return configuration.getOptional(
                ConfigOptions.key(setting.key()).stringType().noDefaultValue());
    }

    private static String quoted(String value) {
        return value.matches("[-+]?[0-9]*\\.?[0-9]+([eE][-+]?[0-9]+)?") ? value : "'" + value + "'";
    }
}
