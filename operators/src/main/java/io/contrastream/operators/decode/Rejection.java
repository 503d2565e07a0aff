package io.contrastream.operators.decode;

/** That a record cannot be learned from, and why. Made for every bad record, so it carries no stack trace. */
public final class Rejection extends Exception {

    private static final long serialVersionUID = 1;

    private final RejectReason reason;

    /**
     * With its reason.
     *
     * @param message what is wrong, for a person
     */
    public Rejection(RejectReason reason, String message) {
        this(reason, message, null);
    }

    Rejection(RejectReason reason, String message, Throwable cause) {
        super(message, cause, false, false);
        this.reason = reason;
    }

    /** Its kind. */
    public RejectReason reason() {
        return reason;
    }
}
