package io.contrastream.jobs.option;

import java.time.Duration;
import java.util.Optional;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.util.TimeUtils;

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
            return Optional.of(text(duration));
        }
        return Optional.ofNullable(option.defaultValue()).map(Object::toString);
    }

    /** A number and the largest unit in which it is whole, such as {@code 20 ms}. */
    private static String text(Duration duration) {
        return duration.isZero() ? "0 s" : TimeUtils.formatWithHighestUnit(duration);
    }
}
