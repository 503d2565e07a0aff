package io.contrastream.operators.decode;

/** Text of strangers in messages and logs: one line, bounded. */
final class Quote {

    private static final int MOST_CHARACTERS = 64;

    private Quote() {}

    /** The text in quotation marks without control characters, and with its length if it had to be cut. */
    static String of(String text) {
        String cut = cut(text, MOST_CHARACTERS);
        String line = cut.replaceAll("\\p{Cntrl}", "?");
        return text.length() <= MOST_CHARACTERS
                ? "'" + line + "'"
                : "'" + line + "' of " + characters(text) + " characters";
    }

    /** The text, or its beginning with an ellipsis, in at most {@code most} UTF-16 units; no character is cut in two. */
    static String cut(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        int end = most - 1;
        return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + "…";
    }

    /** Characters as a person counts them: Unicode code points. */
    static int characters(String text) {
        return text.codePointCount(0, text.length());
    }
}
