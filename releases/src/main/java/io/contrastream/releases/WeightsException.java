package io.contrastream.releases;

import java.io.IOException;

/** A file of weights cannot be used; the message is written for a person and names the file and what is wrong with it. */
public final class WeightsException extends IOException {

    public WeightsException(String file, String problem) {
        super(file + ": " + problem);
    }

    public WeightsException(String file, String problem, Throwable cause) {
        super(file + ": " + problem, cause);
    }
}
