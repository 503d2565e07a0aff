package io.contrastream.reliability;

import io.contrastream.testing.Folder;

/** How much the tests do: the short form with every build, the long one with {@code -Psoak}. */
enum Form {
    SHORT,
    LONG;

    private static final Form CHOSEN =
            valueOf(Folder.property("contrastream.reliability.form").toUpperCase(java.util.Locale.ROOT));

    /** The one of two values that is for the form that was asked for. */
    static <T> T of(T brief, T thorough) {
        return CHOSEN == SHORT ? brief : thorough;
    }
}
