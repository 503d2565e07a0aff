package io.contrastream.operators.decode;

import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadWarningListener;

/**
 * What a decoder complained of without giving up. With metadata removed beforehand, a warning is about pixel data that are missing
 * or damaged and that the decoder made up.
 */
final class Warnings implements IIOReadWarningListener {

    private String first;

    @Override
    public void warningOccurred(ImageReader source, String warning) {
        if (first == null) {
            first = warning;
        }
    }

    /** @throws Rejection if there was a warning */
    void rejectAny() throws Rejection {
        if (first != null) {
            throw new Rejection(RejectReason.CORRUPT_IMAGE, "image is damaged: " + Quote.of(first));
        }
    }
}
