package io.contrastream.jobs.cluster;

/** A Flink cluster that does not answer, or has not done what it was asked for. The message is for the person who asked. */
public final class FlinkSessionException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public FlinkSessionException(String message, Throwable cause) {
        super(message, cause);
    }
}
