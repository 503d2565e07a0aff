package io.contrastream.topics.format;

import java.io.IOException;

/** That a schema registry does not answer. The message is meant for people. */
final class UnansweredException extends IOException {

    private static final long serialVersionUID = 1;

    /** @param cause null if there is none */
    UnansweredException(String message, Throwable cause) {
        super(message, cause);
    }
}
