package io.contrastream.jobs.option;

import java.util.Locale;

/** What becomes of an image that is cut off. */
public enum Truncated {
    /** It is rejected. */
    REJECT,
    /** What is there of it is learned. */
    ACCEPT;

    /** Its name in options: {@code reject}, {@code accept}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
