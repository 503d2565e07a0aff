package io.contrastream.topics;

/** Topics could not be looked up or created, or some are missing. The message is meant for the person who runs the job. */
public final class TopicException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public TopicException(String message) {
        super(message);
    }

    public TopicException(String message, Throwable cause) {
        super(message, cause);
    }
}
