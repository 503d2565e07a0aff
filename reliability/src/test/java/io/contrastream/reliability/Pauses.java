package io.contrastream.reliability;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/** When a learner took its steps, and for how long it took none. */
final class Pauses {

    private final NavigableSet<Instant> steps;

    Pauses(Embeddings written) {
        this.steps = new TreeSet<>(
                written.learned().map(embedding -> embedding.getEmbeddedAt()).toList());
    }

    /**
     * Time from a kill to the first training step after the longest pause that follows it. Steps right after the kill, of a
     * process that has not noticed it yet, do not count.
     *
     * @param until when the next one was killed
     */
    Duration recovery(Instant killed, Instant until) {
        Instant before = killed;
        Duration longest = Duration.ZERO;
        Instant recovered = killed;
        for (Instant step : steps.subSet(killed, true, until, false)) {
            Duration pause = Duration.between(before, step);
            if (pause.compareTo(longest) > 0) {
                longest = pause;
                recovered = step;
            }
            before = step;
        }
        return Duration.between(killed, recovered);
    }

    /** Median and greatest in seconds, for people. */
    static String text(List<Duration> recoveries) {
        List<Duration> sorted = recoveries.stream().sorted().toList();
        return sorted.isEmpty()
                ? "none"
                : String.format(
                        "median %.1f s, longest %.1f s",
                        sorted.get(sorted.size() / 2).toMillis() / 1e3,
                        sorted.get(sorted.size() - 1).toMillis() / 1e3);
    }
}
