package io.contrastream.benchmarks.encoder;

import io.contrastream.learning.encoder.EncoderEngine;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;

/** Shares of the time that a piece of work takes, by what the engine does meanwhile. */
final class Profile {

    /** Everything around the engine's operations: copies between Java and the engine, graph, allocation. */
    static final String OUTSIDE = "(outside operations)";

    private static final int CALLS = 3;

    private Profile() {}

    /**
     * Does the work a few times under observation, which slows it down a little.
     *
     * @return shares that sum up to 1, the largest first; empty if the engine cannot tell
     */
    static Map<String, Double> of(EncoderEngine engine, Runnable work) {
        long start = System.nanoTime();
        Map<String, Duration> times = engine.operationTimes(() -> {
            for (int call = 0; call < CALLS; call++) {
                work.run();
            }
        });
        double whole = System.nanoTime() - start;
        if (times.isEmpty()) {
            return Map.of();
        }
        Map<String, Double> shares = new LinkedHashMap<>();
        times.entrySet().stream()
                .sorted(Map.Entry.<String, Duration>comparingByValue(Comparator.reverseOrder()))
                .forEach(entry -> shares.put(entry.getKey(), entry.getValue().toNanos() / whole));
        shares.put(
                OUTSIDE,
                1 - shares.values().stream().mapToDouble(share -> share).sum());
        return shares;
    }
}
