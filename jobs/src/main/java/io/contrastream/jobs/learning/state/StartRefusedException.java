package io.contrastream.jobs.learning.state;

/** A start that would lose or damage what has been learned, or cannot succeed. The message is for the person who starts. */
public final class StartRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public StartRefusedException(String message) {
        super(message);
    }

    public StartRefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
