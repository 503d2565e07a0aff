package io.contrastream.operators.decode;

import java.util.Locale;

/** Treatment of images that come with several labels. */
public enum SeveralLabels {
    /** They are rejected. */
    REJECT,
    /** They are learned from as images of each of their classes. */
    LEARN;

    /** Its name in options: {@code reject}, {@code learn}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
