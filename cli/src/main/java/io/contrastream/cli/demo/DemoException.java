package io.contrastream.cli.demo;

/** A demo did not come to its end. The message is meant for the person who started it. */
public final class DemoException extends RuntimeException {

    private static final long serialVersionUID = 1;

    DemoException(String message) {
        super(message);
    }

    DemoException(String message, Throwable cause) {
        super(message, cause);
    }
}
