package io.contrastream.operators.replica;

import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;

/**
 * Metrics of one of several learners: the names and what is behind them. All learners end a step together, so the one that computes
 * longest is the one that the others wait for.
 */
public final class ReplicaMetrics {

    /**
     * Wall-clock time that one of several learners computes in an optimiser step, in milliseconds: all but its sums with the others, so the
     * slowest learner has the most. Histogram of the newest; empty for a learner that is alone.
     */
    public static final String COMPUTE_MILLIS = "stepComputeMillis";
    /** The rest of the step: its sums with the other learners, waits for the slowest included. */
    public static final String SUM_MILLIS = "stepSumMillis";
    /** Key of the group whose value is the learner's number, 0 for the first. */
    public static final String REPLICA = "replica";

    private static final int HISTOGRAM_WINDOW = 100;
    private static final double NANOS_A_MILLISECOND = 1e6;

    private final LongSupplier nanoTime;
    private final Histogram computeMillis;
    private final Histogram sumMillis;

    /**
     * Registers all of them.
     *
     * @param replica number of the learner
     */
    public ReplicaMetrics(MetricGroup group, int replica) {
        this(group, replica, System::nanoTime);
    }

    ReplicaMetrics(MetricGroup group, int replica, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        MetricGroup own = group.addGroup(REPLICA, Integer.toString(replica));
        computeMillis = own.histogram(COMPUTE_MILLIS, new DescriptiveStatisticsHistogram(HISTOGRAM_WINDOW));
        sumMillis = own.histogram(SUM_MILLIS, new DescriptiveStatisticsHistogram(HISTOGRAM_WINDOW));
    }

    /**
     * Takes a step and its times.
     *
     * @param inSums nanoseconds in sums so far
     */
    <T> T time(LongSupplier inSums, Supplier<T> step) {
        long startNanos = nanoTime.getAsLong();
        long sumsBefore = inSums.getAsLong();
        T result = step.get();
        long sums = inSums.getAsLong() - sumsBefore;
        computeMillis.update(Math.round((nanoTime.getAsLong() - startNanos - sums) / NANOS_A_MILLISECOND));
        sumMillis.update(Math.round(sums / NANOS_A_MILLISECOND));
        return result;
    }
}
