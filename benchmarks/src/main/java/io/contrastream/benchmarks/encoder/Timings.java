package io.contrastream.benchmarks.encoder;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** How long equal pieces of work took, one after another on one thread. */
public final class Timings {

    /** Fewer say nothing about a percentile, however long they take. */
    private static final int FEWEST = 3;

    private final List<Long> sortedNanos;

    private Timings(List<Long> sortedNanos) {
        this.sortedNanos = sortedNanos;
    }

    /**
     * Does the work over and over, first unmeasured, then measured, for at least the given times; and at least once unmeasured
     * and {@value #FEWEST} times measured.
     */
    public static Timings measure(Duration warmup, Duration time, Runnable work) {
        repeat(warmup, 1, work);
        return of(repeat(time, FEWEST, work));
    }

    /** Of pieces of work that were timed elsewhere, at least one. */
    public static Timings of(List<Long> nanos) {
        return new Timings(nanos.stream().sorted().toList());
    }

    private static List<Long> repeat(Duration time, int atLeast, Runnable work) {
        List<Long> nanos = new ArrayList<>();
        long start = System.nanoTime();
        long now = start;
        while (nanos.size() < atLeast || now - start < time.toNanos()) {
            long before = now;
            work.run();
            now = System.nanoTime();
            nanos.add(now - before);
        }
        return nanos;
    }

    public int count() {
        return sortedNanos.size();
    }

    public double medianMillis() {
        return percentileMillis(50);
    }

    /** The smallest time that at least {@code percent} of 100 pieces of work did not exceed (nearest rank). */
    public double percentileMillis(int percent) {
        int rank = (sortedNanos.size() * percent + 99) / 100;
        return sortedNanos.get(Math.max(rank, 1) - 1) / 1e6;
    }

    /** Of things of which one piece of work handles {@code n}, at the median time. */
    public double perSecond(int n) {
        return n * 1e3 / medianMillis();
    }
}
