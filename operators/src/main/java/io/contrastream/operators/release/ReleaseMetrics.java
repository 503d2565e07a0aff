package io.contrastream.operators.release;

import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/** Metrics of what the learner releases: the names and what is behind them. */
public final class ReleaseMetrics {

    /** Releases announced by this attempt of the task. */
    public static final String RELEASES = "releases";
    /** Candidates that were refused, in this attempt of the task. */
    public static final String RELEASES_REFUSED = "releasesRefused";
    /** Encoder version of the newest release; -1 while there is none. */
    public static final String RELEASED_VERSION = "releasedVersion";

    private final Counter announced;
    private final Counter refused;
    private volatile long version = -1;

    /** Registers all of them. */
    ReleaseMetrics(MetricGroup group) {
        announced = group.counter(RELEASES);
        refused = group.counter(RELEASES_REFUSED);
        group.<Long, Gauge<Long>>gauge(RELEASED_VERSION, () -> version);
    }

    void announced(long newest) {
        announced.inc();
        version = newest;
    }

    void refused() {
        refused.inc();
    }

    void restored(long newest) {
        version = newest;
    }
}
