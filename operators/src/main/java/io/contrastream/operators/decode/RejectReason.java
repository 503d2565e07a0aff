package io.contrastream.operators.decode;

import java.util.Locale;

/** Why a record is not learned from. The codes are part of the contract of the topic of rejected records: they are never renamed. */
public enum RejectReason {
    /** The record has neither value nor key. */
    TOMBSTONE,
    /** The record's value has no bytes. */
    EMPTY_PAYLOAD,
    /** The value does not start as a record in the topic's format does. */
    UNKNOWN_FORMAT,
    /** The value was written with a schema that is not known, or that does not fit. */
    UNKNOWN_SCHEMA,
    /** The value is a record of another topic. */
    WRONG_RECORD_TYPE,
    /** The value starts as it should and does not go on so: cut off, too long, forged. */
    MALFORMED_RECORD,
    /** The id is empty or too long. */
    INVALID_ID,
    /** The label is empty, of white space or control characters alone, or too long. */
    INVALID_LABEL,
    /** The image has no bytes. */
    EMPTY_IMAGE,
    /** The encoded image has more bytes than the option allows. */
    IMAGE_TOO_LARGE,
    /** The image declares more pixels than the option allows. */
    TOO_MANY_PIXELS,
    /** Raw pixels without width or height, or of another number than these say. */
    INVALID_SIZE,
    /** The bytes do not start as the encoding does. */
    ENCODING_MISMATCH,
    /** An image of a kind that is not decoded, such as a lossless JPEG. */
    UNSUPPORTED_IMAGE,
    /** An image that is cut off. */
    TRUNCATED_IMAGE,
    /** An image that its decoder cannot make sense of. */
    CORRUPT_IMAGE,
    /** No label has come for the image in time. */
    IMAGE_WITHOUT_LABEL,
    /** The image has not come in time that the label is of. */
    LABEL_WITHOUT_IMAGE;

    private final String code = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** The name in records, logs and metrics, in kebab-case. */
    public String code() {
        return code;
    }

    @Override
    public String toString() {
        return code;
    }
}
