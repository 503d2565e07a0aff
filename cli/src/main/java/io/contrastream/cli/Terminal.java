package io.contrastream.cli;

import java.io.Console;

/** Whether a person sits in front of this process. */
final class Terminal {

    private Terminal() {}

    @SuppressWarnings("SystemConsoleNull") // from Java 22 on, the console itself is asked
    static boolean isThere() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException olderJava) {
            return true;
        }
    }
}
