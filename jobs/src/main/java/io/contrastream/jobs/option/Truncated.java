package io.contrastream.jobs.option;

import java.util.Locale;

/** Treatment of an image that is cut off. */
public enum Truncated {
    /** It is rejected. */
    REJECT,
    /** The part that is there is learned. */
    ACCEPT;

    /** Its name in options: {@code reject}, {@code accept}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
