package io.contrastream.learning.drift;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Adaptive windowing: ADWIN2 of Bifet and Gavaldà (<i>Learning from time-changing data with adaptive windowing</i>, SDM 2007). It keeps the
 * longest window of the newest values that has no two parts with different means, as far as that can be told.
 *
 * <p>The window is an exponential histogram: buckets of 2^i values, at most {@value #MOST_IN_ROW} of each size, each with its sum and the
 * sum of squared deviations from its mean (Babcock et al. 2003). Every {@value #CLOCK} values, all cuts between two buckets are tried.
 * With n values in the window and n0, n1 on the sides of a cut, of means m0 and m1, the window has changed where
 *
 * <pre>
 * |m0 − m1| &gt; sqrt(2/m · σ² · δ') + 2/(3m) · δ',   δ' = ln(2 ln(n) / δ),   1/m = 1/(n0 − 4) + 1/(n1 − 4)
 * </pre>
 *
 * <p>σ² being the window's variance, and sides of less than {@value #LEAST_SIDE} values left out; then the oldest bucket is dropped, until
 * there is no such cut. Details that the paper leaves open (the four constants, and 4 less on each side) are those of MOA and River.
 * Not thread-safe.
 */
public final class Adwin {

    /** Buckets of a size; with one more, the two oldest become one of the next size. */
    private static final int MOST_IN_ROW = 5;

    /** Values between two looks at the window. */
    private static final int CLOCK = 32;

    /** Values that a side of a cut has at least. */
    private static final int LEAST_SIDE = 5;

    /** Values up to which a window is not looked at. */
    private static final int GRACE = 10;

    private final double delta;
    /** Of row i, buckets of 2^i values, the oldest first. */
    private final List<List<Bucket>> rows = new ArrayList<>();

    private long ticks;
    private long size;
    private double sum;
    private double squares;

    /**
     * An empty window.
     *
     * @param delta bound of the probability that a value is taken for the first of another distribution where there is none, in (0, 1)
     * @throws IllegalArgumentException if it is out of its range
     */
    public Adwin(double delta) {
        if (!(delta > 0 && delta < 1)) {
            throw new IllegalArgumentException("delta must be in (0, 1), but is " + delta);
        }
        this.delta = delta;
    }

    /** The window of an earlier one, under a delta that may be another. */
    public Adwin(double delta, Window window) {
        this(delta);
        ticks = window.ticks();
        sum = window.sum();
        squares = window.squares();
        window.rows().forEach(row -> rows.add(new ArrayList<>(row)));
        for (int row = 0; row < rows.size(); row++) {
            size += (long) rows.get(row).size() << row;
        }
    }

    /**
     * A place of the window where its mean has changed.
     *
     * @param before mean of the values before it
     * @param after mean of the values behind it
     */
    public record Cut(double before, double after) {}

    /**
     * Values that are summarised.
     *
     * @param sum of them
     * @param squares sum of their squared deviations from their mean
     */
    public record Bucket(double sum, double squares) {}

    /**
     * All there is to store.
     *
     * @param ticks values since the start
     * @param sum of the window
     * @param squares sum of squared deviations from the window's mean
     * @param rows buckets of 1, 2, 4, … values, each the oldest first
     */
    public record Window(long ticks, double sum, double squares, List<List<Bucket>> rows) {

        /** Nothing yet. */
        public static final Window EMPTY = new Window(0, 0, 0, List.of());

        public Window {
            rows = rows.stream().map(List::copyOf).toList();
        }
    }

    /**
     * Adds the newest value.
     *
     * @return the cut at which a change was found first, whose older values have been dropped since, as far as they must; empty if
     *     there is none, or it was not looked for
     */
    public Optional<Cut> add(double value) {
        insert(value);
        ticks++;
        Optional<Cut> first = Optional.empty();
        if (ticks % CLOCK == 0 && size > GRACE) {
            for (Cut cut = cut(); cut != null; cut = cut()) {
                first = first.isEmpty() ? Optional.of(cut) : first;
                dropOldest();
            }
        }
        return first;
    }

    /** Empties the window. */
    public void clear() {
        rows.clear();
        ticks = 0;
        size = 0;
        sum = 0;
        squares = 0;
    }

    /** Values in the window. */
    public long size() {
        return size;
    }

    /** Mean of the window; 0 if it is empty. */
    public double mean() {
        return size == 0 ? 0 : sum / size;
    }

    /** A copy of the window. */
    public Window window() {
        return new Window(ticks, sum, squares, List.copyOf(rows));
    }

    private void insert(double value) {
        if (size > 0) {
            double deviation = value - sum / size;
            squares += size * deviation * deviation / (size + 1);
        }
        size++;
        sum += value;
        row(0).add(new Bucket(value, 0));
        for (int i = 0; rows.get(i).size() > MOST_IN_ROW; i++) {
            List<Bucket> full = rows.get(i);
            row(i + 1).add(joined(full.remove(0), full.remove(0), 1L << i));
        }
    }

    private List<Bucket> row(int i) {
        if (i == rows.size()) {
            rows.add(new ArrayList<>());
        }
        return rows.get(i);
    }

    /** Two buckets of so many values each as one. */
    private static Bucket joined(Bucket older, Bucket newer, long values) {
        double apart = older.sum / values - newer.sum / values;
        return new Bucket(older.sum + newer.sum, older.squares + newer.squares + values * 0.5 * apart * apart);
    }

    /** The oldest cut whose sides differ; null if there is none. */
    private Cut cut() {
        long older = 0;
        double olderSum = 0;
        double newerSum = sum;
        for (int i = rows.size() - 1; i >= 0; i--) {
            for (Bucket bucket : rows.get(i)) {
                older += 1L << i;
                olderSum += bucket.sum;
                newerSum -= bucket.sum;
                long newer = size - older;
                if (older >= LEAST_SIDE && newer >= LEAST_SIDE) {
                    Cut cut = new Cut(olderSum / older, newerSum / newer);
                    if (Math.abs(cut.before - cut.after) > bound(older, newer)) {
                        return cut;
                    }
                }
            }
        }
        return null;
    }

    /** Greatest difference of the sides' means that is no change. */
    private double bound(long older, long newer) {
        double share = StrictMath.log(2 * StrictMath.log((double) size) / delta);
        double reciprocal = 1.0 / (older - LEAST_SIDE + 1) + 1.0 / (newer - LEAST_SIDE + 1);
        return Math.sqrt(2 * reciprocal * (squares / size) * share) + 2.0 / 3 * share * reciprocal;
    }

    private void dropOldest() {
        int last = rows.size() - 1;
        Bucket oldest = rows.get(last).remove(0);
        long values = 1L << last;
        size -= values;
        sum -= oldest.sum;
        double apart = oldest.sum / values - sum / size;
        squares -= oldest.squares + (double) values * size * apart * apart / (values + size);
        if (rows.get(last).isEmpty()) {
            rows.remove(last);
        }
    }
}
