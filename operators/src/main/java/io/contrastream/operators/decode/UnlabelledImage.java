package io.contrastream.operators.decode;

/**
 * An image whose label comes by itself, not decoded yet; or the order to forget it.
 *
 * @param id identity of the image, of 1 to 256 characters
 * @param record as it came, with an {@link io.contrastream.schemas.ImageQuery} in single-object encoding as its value; with none for a
 *     tombstone
 */
public record UnlabelledImage(String id, KafkaRecord record) {

    /** Whether it is an order to forget the image. */
    public boolean isTombstone() {
        return record.value() == null;
    }
}
