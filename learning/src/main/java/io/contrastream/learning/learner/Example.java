package io.contrastream.learning.learner;

/**
 * An image as the learner takes it and, if it has a label, replay memory keeps it.
 *
 * @param id identity of the image, not empty
 * @param label its class; empty for an image without label, which is learned from as views of itself
 * @param pixels planar 8-bit pixels [C, H, W] of the encoder's input shape; not copied, never written to
 * @param eventTimeMillis milliseconds since 1970-01-01T00:00Z; carried along, not used
 */
public record Example(String id, String label, byte[] pixels, long eventTimeMillis) {

    private static final byte[] NO_PIXELS = new byte[0];

    /** A label whose image came before it: for the image of this id, if it is still there. */
    public static Example ofLabelAlone(String id, String label) {
        return new Example(id, label, NO_PIXELS, 0);
    }

    /** Whether it has a label. */
    public boolean isLabelled() {
        return !label.isEmpty();
    }

    /** Whether it has no pixels: a learner cannot take it as it is. */
    public boolean isLabelAlone() {
        return pixels.length == 0;
    }
}
