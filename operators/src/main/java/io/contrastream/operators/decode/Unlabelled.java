package io.contrastream.operators.decode;

import java.util.Locale;

/** Treatment of images that come without label. */
public enum Unlabelled {
    /** They are rejected. */
    REJECT,
    /** They are learned from as views of themselves. */
    VIEWS;

    /** Its name in options: {@code reject}, {@code views}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
