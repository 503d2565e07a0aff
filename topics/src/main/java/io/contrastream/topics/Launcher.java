package io.contrastream.topics;

/** How a person calls the command line: what hints on further commands begin with. */
public final class Launcher {

    private static final String PROPERTY = "contrastream.command";

    private Launcher() {}

    /** As the start scripts have told: the command as it was typed, such as {@code ./contrastream} or {@code bin/contrastream}. */
    public static String command() {
        return System.getProperty(PROPERTY, "contrastream");
    }
}
