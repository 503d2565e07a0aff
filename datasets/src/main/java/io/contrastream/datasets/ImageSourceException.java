package io.contrastream.datasets;

/** A data set cannot be read. The message is meant for the person who named it. */
public final class ImageSourceException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public ImageSourceException(String message) {
        super(message);
    }

    public ImageSourceException(String message, Throwable cause) {
        super(message, cause);
    }
}
