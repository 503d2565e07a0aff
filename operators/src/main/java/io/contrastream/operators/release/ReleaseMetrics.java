package io.contrastream.operators.release;

import io.contrastream.releases.folder.Manifest;
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

    /** Share of the held-out images that the newest release recognises, in [0, 1]; NaN while it is not known. */
    public static final String HELD_OUT_ACCURACY = "releasedHeldOutAccuracy";

    private final Counter announced;
    private final Counter refused;
    private volatile long version = -1;
    private volatile double heldOutAccuracy = Double.NaN;

    /** Registers all of them. */
    public ReleaseMetrics(MetricGroup group) {
        announced = group.counter(RELEASES);
        refused = group.counter(RELEASES_REFUSED);
        group.<Long, Gauge<Long>>gauge(RELEASED_VERSION, () -> version);
        group.<Double, Gauge<Double>>gauge(HELD_OUT_ACCURACY, () -> heldOutAccuracy);
    }

    void announced(Manifest newest) {
        announced.inc();
        version = newest.version();
        heldOutAccuracy = newest.figures().getOrDefault("heldOutAccuracy", Double.NaN);
    }

    void refused() {
        refused.inc();
    }

    void restored(long newest) {
        version = newest;
    }
}
