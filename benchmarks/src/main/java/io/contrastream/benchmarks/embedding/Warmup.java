package io.contrastream.benchmarks.embedding;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/**
 * The time in which a young Java compiles its code, on the cores that are to be measured. It is over when the compilers have worked for less
 * than a twentieth of the last seconds, after the least time and within four times of it.
 */
final class Warmup {

    private static final Duration LOOK = Duration.ofSeconds(3);
    private static final double QUIET = 0.05;
    private static final int LONGEST = 4;

    private final CompilationMXBean compilers = ManagementFactory.getCompilationMXBean();
    private final long leastNanos;
    private final long begin = System.nanoTime();
    private long lookedNanos = begin;
    private long compiledMillis = compilers.getTotalCompilationTime();
    private boolean quiet;

    /** Begins now. */
    Warmup(Duration least) {
        leastNanos = least.toNanos();
    }

    boolean isOver() {
        long now = System.nanoTime();
        if (now - lookedNanos >= LOOK.toNanos()) {
            long compiled = compilers.getTotalCompilationTime();
            quiet = (compiled - compiledMillis) * 1e6 < QUIET * (now - lookedNanos);
            lookedNanos = now;
            compiledMillis = compiled;
        }
        return now - begin >= leastNanos && (quiet || now - begin >= LONGEST * leastNanos);
    }
}
