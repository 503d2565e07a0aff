package io.contrastream.operators.decode;

import io.contrastream.schemas.ImageEncoding;
import io.contrastream.schemas.ImageQuery;
import io.contrastream.schemas.LabelledImage;
import java.nio.ByteBuffer;

/**
 * The image of a record, whichever type of record it is: as its producer says it is, unchecked.
 *
 * @param bytes the encoded image
 * @param encoding how it is encoded
 * @param width in pixels, where the encoding needs it; may be null
 * @param height in pixels, where the encoding needs it; may be null
 */
public record EncodedImage(ByteBuffer bytes, ImageEncoding encoding, Integer width, Integer height) {

    /** That of an image to learn from. */
    public static EncodedImage of(LabelledImage record) {
        return new EncodedImage(record.getImage(), record.getEncoding(), record.getWidth(), record.getHeight());
    }

    /** That of an image to embed only. */
    public static EncodedImage of(ImageQuery record) {
        return new EncodedImage(record.getImage(), record.getEncoding(), record.getWidth(), record.getHeight());
    }
}
