package io.contrastream.operators.join;

import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;

/** Metrics of the operator that joins labels to images: the names and what is behind them. One thread writes. */
public final class JoinMetrics {

    /**
     * Images that wait for their label. The sum over all parallel instances is right; after a change of parallelism, that of one instance
     * need not be.
     */
    public static final String WAITING_IMAGES = "waitingImages";
    /** Labels that wait for their image; to be summed in the same way. */
    public static final String WAITING_LABELS = "waitingLabels";
    /** Images that met their label since the task's start. */
    public static final String JOINED_IMAGES = "joinedImages";
    /** Corrected labels since the task's start: of images that had met one before and are sent to the learner again. */
    public static final String RELABELLED_IMAGES = "relabelledImages";
    /** Images rejected, or handed on without label, since the task's start, because no label came in time. */
    public static final String EXPIRED_IMAGES = "expiredImages";
    /** Labels rejected since the task's start, because their image did not come in time. */
    public static final String EXPIRED_LABELS = "expiredLabels";
    /**
     * Time from an image to its label in milliseconds, by Kafka's timestamps of the two, below 0 where the label was first: histogram of
     * the newest.
     */
    public static final String LABEL_DELAY_MILLIS = "labelDelayMillis";

    private static final int HISTOGRAM_WINDOW = 500;

    private final Counter joined;
    private final Counter relabelled;
    private final Counter expiredImages;
    private final Counter expiredLabels;
    private final Histogram labelDelay;
    private volatile long waitingImages;
    private volatile long waitingLabels;

    /** Registers all of them. */
    public JoinMetrics(MetricGroup group) {
        group.<Long, Gauge<Long>>gauge(WAITING_IMAGES, () -> waitingImages);
        group.<Long, Gauge<Long>>gauge(WAITING_LABELS, () -> waitingLabels);
        joined = group.counter(JOINED_IMAGES);
        relabelled = group.counter(RELABELLED_IMAGES);
        expiredImages = group.counter(EXPIRED_IMAGES);
        expiredLabels = group.counter(EXPIRED_LABELS);
        labelDelay = group.histogram(LABEL_DELAY_MILLIS, new DescriptiveStatisticsHistogram(HISTOGRAM_WINDOW));
    }

    void waiting(long images, long labels) {
        waitingImages = images;
        waitingLabels = labels;
    }

    void joined(long delayMillis) {
        joined.inc();
        labelDelay.update(delayMillis);
    }

    void relabelled() {
        relabelled.inc();
    }

    void imageExpired() {
        expiredImages.inc();
    }

    void labelExpired() {
        expiredLabels.inc();
    }
}
