package io.contrastream.releases;

import java.io.IOException;

/** A release cannot be used; the message is written for a person and names the release and what is wrong with it. */
public final class ReleaseException extends IOException {

    public ReleaseException(String release, String problem) {
        super(release + ": " + problem);
    }

    public ReleaseException(String release, String problem, Throwable cause) {
        super(release + ": " + problem, cause);
    }
}
