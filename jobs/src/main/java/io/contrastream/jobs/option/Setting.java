package io.contrastream.jobs.option;

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
}
