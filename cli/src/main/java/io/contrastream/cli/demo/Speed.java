package io.contrastream.cli.demo;

import java.util.ArrayDeque;
import java.util.Deque;

/** How fast a count has grown over the last seconds. */
final class Speed {

    private static final long WINDOW_NANOS = 10_000_000_000L;

    private final Deque<long[]> samples = new ArrayDeque<>();

    /** Growth a second; 0 until there is something to compare with. */
    double per(long nowNanos, long count) {
        samples.addLast(new long[] {nowNanos, count});
        while (samples.size() > 2 && nowNanos - samples.peekFirst()[0] > WINDOW_NANOS) {
            samples.removeFirst();
        }
        long[] oldest = samples.peekFirst();
        return nowNanos == oldest[0] ? 0 : (count - oldest[1]) * 1e9 / (nowNanos - oldest[0]);
    }
}
