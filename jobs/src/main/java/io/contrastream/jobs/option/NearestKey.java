package io.contrastream.jobs.option;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the key that was probably meant by one that does not exist. */
final class NearestKey {

    private NearestKey() {}

    /** The known key that is most like the given one, if any is like it at all. */
    static Optional<String> to(String unknown, Collection<String> known) {
        String wanted = canonical(unknown);
        int bound = Math.max(2, wanted.length() / 3);
        return known.stream()
                .min(Comparator.comparingInt((String key) -> distance(wanted, canonical(key)))
                        .thenComparing(Comparator.naturalOrder()))
                .filter(key -> distance(wanted, canonical(key)) <= bound);
    }

    private static String canonical(String key) {
        return key.toLowerCase(Locale.ROOT).replaceAll("[-_]", "");
    }

    /** Edits between the key and what was written; fewer where only the group in front is missing or another one. */
    private static int distance(String written, String key) {
        if (key.endsWith("." + written)) {
            return 0;
        }
        boolean sameName = key.endsWith("." + written.substring(written.lastIndexOf('.') + 1));
        return Math.min(levenshtein(written, key), sameName ? 2 : Integer.MAX_VALUE);
    }

    private static int levenshtein(String a, String b) {
        int[] above = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, Math.min(above[j], row[j - 1]) + 1);
            }
            above = row;
        }
        return above[b.length()];
    }
}
