package io.contrastream.dashboard;

/** The page cannot be served, told for people. */
public final class DashboardException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** With what was wrong. */
    public DashboardException(String message, Throwable cause) {
        super(message, cause);
    }
}
