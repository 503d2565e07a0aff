package io.contrastream.operators.decode;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Rules for ids and labels: the same for senders and for readers of a record. */
public final class Names {

    private static final int MOST_CHARACTERS = 256;

    /** Most labels of one image. */
    static final int MOST_LABELS = 16;

    private Names() {}

    /**
     * Whether a text can be an id.
     *
     * @throws Rejection saying why it cannot
     */
    static void requireId(String id) throws Rejection {
        requireName(id, "id", RejectReason.INVALID_ID);
    }

    /**
     * Whether a text can be a label.
     *
     * @throws Rejection saying why it cannot
     */
    public static void requireLabel(String label) throws Rejection {
        requireName(label, "label", RejectReason.INVALID_LABEL);
        requireVisible(label);
    }

    /**
     * Whether texts can be the labels of one image, which has at least one.
     *
     * @param further all but the first
     * @throws Rejection saying why they cannot
     */
    public static void requireLabels(String label, List<String> further) throws Rejection {
        requireLabel(label);
        if (further.size() >= MOST_LABELS) {
            throw new Rejection(
                    RejectReason.INVALID_LABEL,
                    "the image has " + (1 + further.size()) + " labels; at most " + MOST_LABELS + " are allowed");
        }
        Set<String> labels = new HashSet<>(Set.of(label));
        for (String other : further) {
            requireLabel(other);
            if (!labels.add(other)) {
                throw new Rejection(
                        RejectReason.INVALID_LABEL,
                        "label " + Quote.of(other) + " is there twice; the labels of an image must differ");
            }
        }
    }

    /**
     * The id that the key of a tombstone is.
     *
     * @throws Rejection if it is none
     */
    static String id(byte[] key) throws Rejection {
        try {
            String id = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(key))
                    .toString();
            requireId(id);
            return id;
        } catch (CharacterCodingException e) {
            throw new Rejection(
                    RejectReason.INVALID_ID,
                    "the record has no value, and its key is not UTF-8: it must be the id of an image",
                    e);
        }
    }

    /** A label that nobody can see is a mistake, and as good as none. */
    private static void requireVisible(String label) throws Rejection {
        if (label.codePoints().allMatch(Names::isInvisible)) {
            throw new Rejection(
                    RejectReason.INVALID_LABEL,
                    "label is " + Quote.of(label) + ": white space and control characters alone are no label");
        }
    }

    private static boolean isInvisible(int character) {
        return Character.isWhitespace(character)
                || Character.isSpaceChar(character)
                || Character.isISOControl(character)
                || Character.getType(character) == Character.FORMAT;
    }

    private static void requireName(String name, String field, RejectReason reason) throws Rejection {
        if (name.isEmpty()) {
            throw new Rejection(reason, field + " is empty; it must have 1 to " + MOST_CHARACTERS + " characters");
        }
        if (Quote.characters(name) > MOST_CHARACTERS) {
            throw new Rejection(
                    reason, field + " is " + Quote.of(name) + "; it must have 1 to " + MOST_CHARACTERS + " characters");
        }
    }
}
