package io.contrastream.testing;

import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Finds what no message to a person should have: names of classes, and what the JDK and the libraries below say to programmers. */
public final class JavaText {

    private static final Pattern TEXTS = Pattern.compile(
            // Names of classes, of exceptions above all.
            "\\b(?:java|javax|jdk|sun|com|org|io)\\.[a-z0-9]+\\.(?:[a-z0-9]+\\.)*[A-Z]\\w*"
                    + "|\\b[A-Z]\\w*(?:Exception|Error)\\b"
                    // Of the core classes.
                    + "|out of bounds|Out of range: |ndex out of range|Value out of range|for length \\d|For input string|Cannot invoke|cannot be cast|No enum constant"
                    + "|Illegal base|Illegal character|Malformed (?:input|escape)|Input length = |Negative|newLimit|newPosition"
                    + "|[Nn]ot a directory: |Stream closed|toIndex|fromIndex|hexadecimal digits"
                    // Of java.util.zip.
                    + "|invalid (?:stored|distance|block|code|literal|bit length|window)|incorrect (?:header|data|length) check"
                    + "|unknown compression method|Unexpected end of (?:ZLIB|file|input)|too many length"
                    // Of ImageIO and libjpeg.
                    + "|Bogus|Corrupt JPEG data|Premature end|Inconsistent|Unsupported Image Type|Image width|SOF type"
                    // Of Avro.
                    + "|Unknown magic|in union|Malformed data|Unrecognized|was expecting"
                    // Of Jackson and SnakeYAML.
                    + "|at \\[Source|while (?:parsing|scanning|constructing)|reader, line");

    private JavaText() {}

    /** The first such text in a message. */
    public static Optional<String> in(String message) {
        return TEXTS.matcher(message).results().map(MatchResult::group).findFirst();
    }
}
