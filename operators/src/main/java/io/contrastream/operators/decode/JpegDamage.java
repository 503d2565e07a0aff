package io.contrastream.operators.decode;

/** Damage in the pixels of a JPEG, in our words for those of libjpeg, which its decoder has. */
final class JpegDamage {

    /** Part of a message of libjpeg, and what it means; the first one that is in a message counts. */
    private static final String[][] MEANINGS = {
        {"remature end", "its pixels end before the image does"},
        {"instead of RST", "its restart markers are not in order"},
        {"extraneous bytes", "there are bytes among its pixels that belong to none"},
        {"bad Huffman code", "a code of its pixels is in none of its Huffman tables"},
        {"Huffman", "a Huffman table that its pixels need is missing or damaged"},
        {"DHT", "a Huffman table that its pixels need is missing or damaged"},
        {"uantization", "a quantisation table that its pixels need is missing or damaged"},
        {"DQT", "a quantisation table that its pixels need is missing or damaged"},
        {"ampling factors", "its sampling factors are none that can be decoded"},
        {"progressi", "its scans do not fit together"},
        {"SOS", "its scans do not fit together"},
        {"scan", "its scans do not fit together"},
        {"arker", "a segment of it is damaged"},
    };

    private JpegDamage() {}

    /**
     * A rejection.
     *
     * @param message of the decoder; may be null
     * @param cause may be null
     */
    static Rejection of(String message, Throwable cause) {
        return new Rejection(RejectReason.CORRUPT_IMAGE, "JPEG image is damaged: " + meaning(message), cause);
    }

    /** Whether a warning says that the data end before the image does, and nothing else. */
    static boolean isEnd(String warning) {
        return warning.contains("remature end") || warning.contains("marker 0xd9 instead of RST");
    }

    private static String meaning(String message) {
        for (String[] meaning : MEANINGS) {
            if (message != null && message.contains(meaning[0])) {
                return meaning[1];
            }
        }
        return "its decoder cannot make sense of it";
    }
}
