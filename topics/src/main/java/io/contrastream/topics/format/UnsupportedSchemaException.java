package io.contrastream.topics.format;

/** That a registry's schema cannot be read with. The message says what it is, behind its name. */
final class UnsupportedSchemaException extends Exception {

    private static final long serialVersionUID = 1;

    UnsupportedSchemaException(String message) {
        super(message);
    }
}
