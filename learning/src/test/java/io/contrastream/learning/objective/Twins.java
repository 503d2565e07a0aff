package io.contrastream.learning.objective;

import io.contrastream.learning.encoder.LabelSets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Labels of rows as the twins in double precision take them. */
public final class Twins {

    private Twins() {}

    /** Those of rows with one label each. */
    static List<Set<Integer>> sets(int[] labels) {
        return sets(LabelSets.single(labels));
    }

    /** Those of rows with several. */
    public static List<Set<Integer>> sets(LabelSets labels) {
        return IntStream.range(0, labels.size())
                .mapToObj(row -> set(labels.of(row)))
                .toList();
    }

    private static Set<Integer> set(int[] labels) {
        return Arrays.stream(labels).boxed().collect(Collectors.toCollection(TreeSet::new));
    }

    /** Whether a row has a label: the number of one without is below 0. */
    static boolean labelled(Set<Integer> labels) {
        return labels.stream().allMatch(label -> label >= 0);
    }

    /** How many rows have a label. */
    static long labelled(List<Set<Integer>> labels) {
        return labels.stream().filter(Twins::labelled).count();
    }
}
