package io.contrastream.operators.decode;

import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.image.PixelResize;
import io.contrastream.learning.learner.Example;
import io.contrastream.operators.Forget;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.SingleObject;
import io.contrastream.schemas.WireFormatException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * From the value of a record to an example: everything about it is checked before anything of its declared size is allocated. Not
 * thread-safe.
 */
public final class ExampleDecoder {

    private static final int MOST_CHARACTERS = 256;

    private final ImageShape input;
    private final ImageDecoder images;

    /** @throws IllegalStateException if the Java runtime lacks a decoder */
    public ExampleDecoder(DecodeOptions options) {
        this.input = options.input();
        this.images = new ImageDecoder(options);
    }

    /**
     * Decodes a record's value.
     *
     * @throws Rejection if it is not an image with a label to learn from, whatever else it is
     */
    Example decode(byte[] value) throws Rejection {
        return decode(read(value));
    }

    /**
     * Decodes a record.
     *
     * @throws Rejection if it is not an image with a label to learn from
     */
    public Example decode(LabelledImage record) throws Rejection {
        requireNames(record);
        Pixels pixels = images.decode(record);
        return new Example(
                record.getId(),
                record.getLabel(),
                PixelResize.resize(pixels.planar(), pixels.shape(), input.height(), input.width()),
                record.getEventTime().toEpochMilli());
    }

    /**
     * Everything about a record that can be known without decoding a pixel: for those who send it.
     *
     * @throws Rejection with the reason that {@link #decode} would have
     */
    public void check(LabelledImage record) throws Rejection {
        requireNames(record);
        images.check(record);
    }

    /**
     * Whether a text can be a label.
     *
     * @throws Rejection saying why it cannot
     */
    public static void requireLabel(String label) throws Rejection {
        requireName(label, "label", RejectReason.INVALID_LABEL);
        requireVisible(label);
    }

    private static void requireNames(LabelledImage record) throws Rejection {
        requireName(record.getId(), "id", RejectReason.INVALID_ID);
        requireLabel(record.getLabel());
    }

    /**
     * From the key of a tombstone to the order to forget that image.
     *
     * @param key null if the record has none
     * @throws Rejection if it is not an id
     */
    Forget forget(byte[] key) throws Rejection {
        if (key == null) {
            throw new Rejection(
                    RejectReason.TOMBSTONE,
                    "the record has neither value nor key; a LabelledImage is needed, or as key the id of an image to forget");
        }
        try {
            String id = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(key))
                    .toString();
            requireName(id, "id", RejectReason.INVALID_ID);
            return new Forget(id);
        } catch (CharacterCodingException e) {
            throw new Rejection(
                    RejectReason.INVALID_ID,
                    "the record has no value, and its key is not UTF-8: it must be the id of an image",
                    e);
        }
    }

    private static LabelledImage read(byte[] value) throws Rejection {
        if (value.length == 0) {
            throw new Rejection(RejectReason.EMPTY_PAYLOAD, "the value has 0 bytes; a LabelledImage is needed");
        }
        try {
            return SingleObject.decode(value, LabelledImage.class);
        } catch (WireFormatException e) {
            throw new Rejection(reason(e), e.getMessage() + "; a LabelledImage is needed", e);
        }
    }

    private static RejectReason reason(WireFormatException thrown) {
        return switch (thrown.kind()) {
            case NOT_SINGLE_OBJECT -> RejectReason.UNKNOWN_FORMAT;
            case UNKNOWN_SCHEMA -> RejectReason.UNKNOWN_SCHEMA;
            case OTHER_RECORD -> RejectReason.WRONG_RECORD_TYPE;
            case MALFORMED_BODY -> RejectReason.MALFORMED_RECORD;
        };
    }

    /** A label that nobody can see is a mistake, and as good as none. */
    private static void requireVisible(String label) throws Rejection {
        if (label.codePoints().allMatch(ExampleDecoder::isInvisible)) {
            throw new Rejection(
                    RejectReason.INVALID_LABEL,
                    "label is " + Quote.of(label) + ": white space and control characters alone are no label");
        }
    }

    private static boolean isInvisible(int character) {
        return Character.isWhitespace(character)
                || Character.isSpaceChar(character)
                || Character.isISOControl(character)
                || Character.getType(character) == Character.FORMAT;
    }

    private static void requireName(String name, String field, RejectReason reason) throws Rejection {
        if (name.isEmpty()) {
            throw new Rejection(reason, field + " is empty; it must have 1 to " + MOST_CHARACTERS + " characters");
        }
        if (Quote.characters(name) > MOST_CHARACTERS) {
            throw new Rejection(
                    reason, field + " is " + Quote.of(name) + "; it must have 1 to " + MOST_CHARACTERS + " characters");
        }
    }
}
