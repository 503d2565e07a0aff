package io.contrastream.operators.decode;

import java.util.List;

/**
 * An image to embed.
 *
 * @param id identity of the image, of 1 to 256 characters
 * @param label that came with the image; null if none did
 * @param furtherLabels that came with it beside that
 * @param pixels planar 8-bit pixels [C, H, W] of the encoder's input shape; not copied, never written to; none if the image has been taken
 *     back
 * @param eventTimeMillis milliseconds since 1970-01-01T00:00Z; carried along, not used
 */
public record Query(String id, String label, List<String> furtherLabels, byte[] pixels, long eventTimeMillis) {

    /** An image without a label. */
    public Query(String id, byte[] pixels, long eventTimeMillis) {
        this(id, null, List.of(), pixels, eventTimeMillis);
    }

    /** Stands for an image that has been taken back. */
    static Query takenBack(String id) {
        return new Query(id, new byte[0], 0);
    }

    /** Whether there is no image any more: what was published of it is to be forgotten. */
    public boolean isTakenBack() {
        return pixels.length == 0;
    }
}
