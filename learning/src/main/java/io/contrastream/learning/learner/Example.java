package io.contrastream.learning.learner;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * An image as the learner takes it and, if it has a label, replay memory keeps it.
 *
 * @param id identity of the image, not empty
 * @param label its class; empty for an image without label, which is learned from as views of itself. Of several, the first one, under
 *     which memory keeps the image
 * @param pixels planar 8-bit pixels [C, H, W] of the encoder's input shape; not copied, never written to
 * @param eventTimeMillis milliseconds since 1970-01-01T00:00Z; carried along, not used
 * @param furtherLabels its other classes, different from each other and from the first; null is taken as none, which an image has that was
 *     stored before there were any
 */
public record Example(String id, String label, byte[] pixels, long eventTimeMillis, List<String> furtherLabels) {

    private static final byte[] NO_PIXELS = new byte[0];

    public Example {
        furtherLabels = furtherLabels == null ? List.of() : List.copyOf(furtherLabels);
    }

    /** An image with at most one label. */
    public Example(String id, String label, byte[] pixels, long eventTimeMillis) {
        this(id, label, pixels, eventTimeMillis, List.of());
    }

    /** Labels whose image came before them: for the image of this id, if it is still there. */
    public static Example ofLabelAlone(String id, String label, List<String> furtherLabels) {
        return new Example(id, label, NO_PIXELS, 0, furtherLabels);
    }

    /** A label whose image came before it: for the image of this id, if it is still there. */
    public static Example ofLabelAlone(String id, String label) {
        return ofLabelAlone(id, label, List.of());
    }

    /** Whether it has a label. */
    public boolean isLabelled() {
        return !label.isEmpty();
    }

    /** All its labels, the first one first; none for an image without. */
    public List<String> labels() {
        List<String> labels = new ArrayList<>();
        if (isLabelled()) {
            labels.add(label);
            labels.addAll(furtherLabels);
        }
        return Collections.unmodifiableList(labels);
    }

    /** Whether it has no pixels: a learner cannot take it as it is. */
    public boolean isLabelAlone() {
        return pixels.length == 0;
    }
}
