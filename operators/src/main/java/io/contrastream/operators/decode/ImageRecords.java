package io.contrastream.operators.decode;

import io.contrastream.learning.image.PixelResize;
import io.contrastream.schemas.RecordFormat;
import io.contrastream.schemas.WireFormatException;
import org.apache.avro.specific.SpecificRecord;

/**
 * Shared by the decoders of records that have an id and an image. Not thread-safe.
 *
 * @param <R> type of the records
 */
final class ImageRecords<R extends SpecificRecord> {

    private final Class<R> type;
    private final String needed;
    private final RecordFormat format;
    private final DecodeOptions options;
    private final ImageDecoder images;

    /** @throws IllegalStateException if the Java runtime lacks a decoder */
    ImageRecords(Class<R> type, RecordFormat format, DecodeOptions options) {
        this.type = type;
        this.needed = (type.getSimpleName().matches("[AEIOU].*") ? "an " : "a ") + type.getSimpleName() + " is needed";
        this.format = format;
        this.options = options;
        this.images = new ImageDecoder(options);
    }

    /**
     * Reads a record's value.
     *
     * @throws Rejection if it is not a record of the type
     */
    R read(byte[] value) throws Rejection {
        if (value.length == 0) {
            throw new Rejection(RejectReason.EMPTY_PAYLOAD, "the value has 0 bytes; " + needed);
        }
        try {
            return format.decode(value, type);
        } catch (WireFormatException e) {
            throw new Rejection(reason(e), e.getMessage() + "; " + needed, e);
        }
    }

    /**
     * Pixels of the shape that the options want.
     *
     * @throws Rejection if it is not an image that can be decoded within the options
     */
    byte[] pixels(EncodedImage image) throws Rejection {
        Pixels pixels = images.decode(image);
        return PixelResize.resize(
                pixels.planar(),
                pixels.shape(),
                options.input().height(),
                options.input().width());
    }

    /**
     * Everything about an image that can be known without decoding a pixel.
     *
     * @throws Rejection with the reason that {@link #pixels} would have
     */
    void check(EncodedImage image) throws Rejection {
        images.check(image);
    }

    /**
     * The size of an encoded image.
     *
     * @throws Rejection with the reason that {@link #pixels} would have
     */
    void checkSize(long bytes) throws Rejection {
        images.checkSize(bytes);
    }

    private static RejectReason reason(WireFormatException thrown) {
        return switch (thrown.kind()) {
            case OTHER_FORMAT -> RejectReason.UNKNOWN_FORMAT;
            case UNKNOWN_SCHEMA -> RejectReason.UNKNOWN_SCHEMA;
            case OTHER_RECORD -> RejectReason.WRONG_RECORD_TYPE;
            case MALFORMED_BODY -> RejectReason.MALFORMED_RECORD;
        };
    }
}
