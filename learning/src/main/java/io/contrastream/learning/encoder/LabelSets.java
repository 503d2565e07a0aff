package io.contrastream.learning.encoder;

import java.util.Arrays;

/**
 * Labels of N images or views, as numbers: none, one or several each. The arrays are not copied and must not change.
 *
 * @param first of each its first one; below 0, for one without label, a number of its own image
 * @param further of each its other ones, different from each other and from the first one
 */
public record LabelSets(int[] first, int[][] further) {

    private static final int[] NONE = {};

    /** @throws IllegalArgumentException if their lengths differ */
    public LabelSets {
        if (first.length != further.length) {
            throw new IllegalArgumentException(
                    first.length + " first labels, but further ones of " + further.length + " images or views");
        }
    }

    /** At most one label each. */
    public static LabelSets single(int[] labels) {
        int[][] further = new int[labels.length][];
        Arrays.fill(further, NONE);
        return new LabelSets(labels, further);
    }

    /** N. */
    public int size() {
        return first.length;
    }

    /** Whether the one at a position has a label. */
    public boolean isLabelled(int i) {
        return first[i] >= 0;
    }

    /** The labels of the one at a position, at least one number: of one without label, the number of its image. */
    public int[] of(int i) {
        int[] labels = new int[1 + further[i].length];
        labels[0] = first[i];
        System.arraycopy(further[i], 0, labels, 1, further[i].length);
        return labels;
    }

    /** Whether the one at a position has the label. */
    public boolean has(int i, int label) {
        if (first[i] == label) {
            return true;
        }
        for (int other : further[i]) {
            if (other == label) {
                return true;
            }
        }
        return false;
    }

    /** Whether two have a label in common, or are of the same image without label. */
    public boolean shared(int i, int j) {
        if (has(i, first[j])) {
            return true;
        }
        for (int label : further[j]) {
            if (has(i, label)) {
                return true;
            }
        }
        return false;
    }

    /** Most labels that one has, at least 1. */
    public int most() {
        int most = 1;
        for (int[] others : further) {
            most = Math.max(most, 1 + others.length);
        }
        return most;
    }

    /** Labels of all, [N, {@link #most()}] row by row; a row that has fewer goes on with its first one. */
    public int[] table() {
        int columns = most();
        int[] table = new int[first.length * columns];
        for (int i = 0; i < first.length; i++) {
            Arrays.fill(table, i * columns, (i + 1) * columns, first[i]);
            System.arraycopy(further[i], 0, table, i * columns + 1, further[i].length);
        }
        return table;
    }

    /** Those of some positions, in their order. */
    public LabelSets at(int[] positions) {
        int[] chosen = new int[positions.length];
        int[][] others = new int[positions.length][];
        for (int i = 0; i < positions.length; i++) {
            chosen[i] = first[positions[i]];
            others[i] = further[positions[i]];
        }
        return new LabelSets(chosen, others);
    }

    /** These, and others behind them. */
    public LabelSets and(LabelSets others) {
        int[] both = Arrays.copyOf(first, first.length + others.first.length);
        int[][] ofBoth = Arrays.copyOf(further, both.length);
        System.arraycopy(others.first, 0, both, first.length, others.first.length);
        System.arraycopy(others.further, 0, ofBoth, first.length, others.first.length);
        return new LabelSets(both, ofBoth);
    }
}
