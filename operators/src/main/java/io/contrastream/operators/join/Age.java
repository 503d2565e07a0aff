package io.contrastream.operators.join;

import java.util.ArrayList;
import java.util.List;

/** Times as people say them. */
final class Age {

    private static final long[] MILLIS = {86_400_000, 3_600_000, 60_000, 1000};
    private static final String[] UNITS = {"d", "h", "min", "s"};

    private Age() {}

    /** The two largest units of a time, such as {@code 1 d 2 h} or {@code 3 min 20 s}; {@code 0 s} for less than a second. */
    static String text(long millis) {
        List<String> parts = new ArrayList<>();
        long left = Math.max(0, millis);
        for (int i = 0; i < MILLIS.length && parts.size() < 2; i++) {
            long whole = left / MILLIS[i];
            left %= MILLIS[i];
            if (whole > 0) {
                parts.add(whole + " " + UNITS[i]);
            } else if (!parts.isEmpty()) {
                break;
            }
        }
        return parts.isEmpty() ? "0 s" : String.join(" ", parts);
    }
}
