package io.contrastream.operators.decode;

import java.util.List;
import java.util.Objects;

/**
 * The labels of an image that come by themselves; or the order to forget the image.
 *
 * @param id identity of the image, of 1 to 256 characters
 * @param label the first of them, of 1 to 256 characters; null for a tombstone
 * @param furtherLabels the others; null is taken as none, which a label has that was stored before there were any
 * @param record as it came
 */
public record GivenLabel(String id, String label, List<String> furtherLabels, KafkaRecord record) {

    public GivenLabel {
        furtherLabels = furtherLabels == null ? List.of() : List.copyOf(furtherLabels);
    }

    /** One label, or a tombstone. */
    public GivenLabel(String id, String label, KafkaRecord record) {
        this(id, label, List.of(), record);
    }

    /** Whether another says the same of the image. */
    public boolean isSameAs(GivenLabel other) {
        return Objects.equals(label, other.label) && furtherLabels.equals(other.furtherLabels);
    }

    /** Whether it is an order to forget the image. */
    public boolean isTombstone() {
        return label == null;
    }
}
