package io.contrastream.operators.decode;

import java.util.List;
import java.util.Locale;

/** Treatment of images that come with several labels. */
public enum SeveralLabels {
    /** They are rejected. */
    REJECT,
    /** They are learned from as images of each of their classes. */
    LEARN;

    /**
     * Whether an image may have labels beside its first one.
     *
     * @param further these
     * @throws Rejection if it may not, and has
     */
    public void check(List<String> further) throws Rejection {
        if (this == REJECT && !further.isEmpty()) {
            throw new Rejection(
                    RejectReason.INVALID_LABEL,
                    "the image has " + (1 + further.size())
                            + " labels; set learner.several-labels to learn to have such images learned from");
        }
    }

    /** Its name in options: {@code reject}, {@code learn}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
