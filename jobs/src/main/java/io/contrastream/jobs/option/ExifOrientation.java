package io.contrastream.jobs.option;

import java.util.Locale;

/** Treatment of an image's orientation. */
public enum ExifOrientation {
    /** The image is turned as a viewer turns it. */
    APPLY,
    /** The image is learned as it is stored. */
    IGNORE;

    /** Its name in options: {@code apply}, {@code ignore}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
