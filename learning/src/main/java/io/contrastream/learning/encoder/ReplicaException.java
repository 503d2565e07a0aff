package io.contrastream.learning.encoder;

/** A replica of the encoder is lost, does not answer in time, or differs from the others. The message names it. */
public final class ReplicaException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public ReplicaException(String message) {
        super(message);
    }

    public ReplicaException(String message, Throwable cause) {
        super(message, cause);
    }
}
