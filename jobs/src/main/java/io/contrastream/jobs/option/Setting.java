package io.contrastream.jobs.option;

import java.time.Duration;
import java.util.Optional;
import org.apache.flink.configuration.ConfigOption;

/**
 * An option together with what it may be.
 *
 * @param option key, type, default and description
 * @param allowed the values that make sense; a default is one of them
 */
public record Setting<T>(ConfigOption<T> option, Allowed<? super T> allowed) {

    /** Its key, such as {@code learner.batch-size}. */
    public String key() {
        return option.key();
    }

    /** Its default as it would be written in a file, if it has one. */
    public Optional<String> defaultText() {
        if (option.defaultValue() instanceof Duration duration) {
            return Optional.of(
                    duration.toSeconds() % 60 == 0 ? duration.toMinutes() + " min" : duration.toSeconds() + " s");
        }
        return Optional.ofNullable(option.defaultValue()).map(Object::toString);
    }
}
