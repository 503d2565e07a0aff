package io.contrastream.reliability;

import io.contrastream.testing.Folder;

/** How much the tests do: the short form with every build, the long one with {@code -Psoak}. */
final class Form {

    private static final boolean LONG =
            Folder.property("contrastream.reliability.form").equals("long");

    private Form() {}

    /** The one of two values that is for the form that was asked for. */
    static <T> T of(T brief, T thorough) {
        return LONG ? thorough : brief;
    }
}
