package io.contrastream.schemas;

import static java.util.Objects.requireNonNull;

/** Bytes that are not a record that could be read. The message says what is wrong with them, for a person. */
public final class WireFormatException extends Exception {

    private static final long serialVersionUID = 1L;

    /** Kind of error in the bytes. */
    public enum Kind {
        /** No bytes, fewer than a header, or others than the topic's format begins with. */
        OTHER_FORMAT,
        /** The header names a schema that is not known, or one that records of the type cannot be read with. */
        UNKNOWN_SCHEMA,
        /** A record of a known schema, but not of the type that was asked for. */
        OTHER_RECORD,
        /** The header is right and the body is not: truncated, too long, a forged length, text that is not UTF-8. */
        MALFORMED_BODY
    }

    private final Kind kind;

    /** With a message for a person. */
    public WireFormatException(Kind kind, String message) {
        this(kind, message, null);
    }

    /** With a message for a person. */
    public WireFormatException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = requireNonNull(kind);
    }

    /** Kind of the error, for a program. */
    public Kind kind() {
        return kind;
    }
}
