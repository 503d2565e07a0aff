package io.contrastream.operators.embed;

import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.Meter;
import org.apache.flink.metrics.MeterView;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;

/** Metrics of embedding queries: the names and what is behind them. */
public final class EmbedMetrics {

    /** Encoder version of the release that serves. */
    public static final String SERVING_VERSION = "servingVersion";
    /** Images embedded by this attempt of the task. */
    public static final String IMAGES_EMBEDDED = "imagesEmbedded";
    /** Images embedded per second, over the last minute. */
    public static final String IMAGES_PER_SECOND = "imagesPerSecond";
    /** Of these images, how many were of none of the release's classes: {@code unknown}. */
    public static final String IMAGES_UNKNOWN = "imagesUnknown";
    /** Images of a micro-batch: histogram of the newest. */
    public static final String MICRO_BATCH_IMAGES = "microBatchImages";
    /** Wall-clock time of embedding a micro-batch in milliseconds: histogram of the newest. */
    public static final String MICRO_BATCH_MILLIS = "microBatchMillis";
    /** Releases that were taken into service, in this attempt of the task. */
    public static final String RELEASES_TAKEN = "releasesTaken";
    /** Announced releases that could not be used, in this attempt of the task. */
    public static final String RELEASES_REFUSED = "releasesRefused";

    private static final int HISTOGRAM_WINDOW = 500;
    private static final int RATE_SECONDS = 60;
    private static final double NANOS_A_MILLISECOND = 1e6;

    private final Counter images;
    private final Counter unknown;
    private final Meter imagesPerSecond;
    private final Histogram microBatchImages;
    private final Histogram microBatchMillis;
    private final Counter taken;
    private final Counter refused;
    private volatile long version = -1;

    /** Registers all of them. */
    public EmbedMetrics(MetricGroup group) {
        images = group.counter(IMAGES_EMBEDDED);
        unknown = group.counter(IMAGES_UNKNOWN);
        imagesPerSecond = group.meter(IMAGES_PER_SECOND, new MeterView(RATE_SECONDS));
        microBatchImages = group.histogram(MICRO_BATCH_IMAGES, new DescriptiveStatisticsHistogram(HISTOGRAM_WINDOW));
        microBatchMillis = group.histogram(MICRO_BATCH_MILLIS, new DescriptiveStatisticsHistogram(HISTOGRAM_WINDOW));
        taken = group.counter(RELEASES_TAKEN);
        refused = group.counter(RELEASES_REFUSED);
        group.<Long, Gauge<Long>>gauge(SERVING_VERSION, () -> version);
    }

    void serving(long newest) {
        version = newest;
    }

    void taken() {
        taken.inc();
    }

    void refused() {
        refused.inc();
    }

    void embedded(int count, int ofNoClass, long nanos) {
        images.inc(count);
        unknown.inc(ofNoClass);
        imagesPerSecond.markEvent(count);
        microBatchImages.update(count);
        microBatchMillis.update(Math.round(nanos / NANOS_A_MILLISECOND));
    }
}
