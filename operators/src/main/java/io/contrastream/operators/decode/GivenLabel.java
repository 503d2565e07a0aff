package io.contrastream.operators.decode;

/**
 * The label of an image that comes by itself; or the order to forget the image.
 *
 * @param id identity of the image, of 1 to 256 characters
 * @param label of 1 to 256 characters; null for a tombstone
 * @param record as it came
 */
public record GivenLabel(String id, String label, KafkaRecord record) {

    /** Whether it is an order to forget the image. */
    public boolean isTombstone() {
        return label == null;
    }
}
