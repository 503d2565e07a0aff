package io.contrastream.operators.learn.minibatch;

import io.contrastream.operators.learn.option.LearnOptions;
import java.time.Duration;
import org.apache.flink.streaming.api.TimerService;

/**
 * The times at which a mini-batch is closed, a report is due and stale prototypes are renewed, all in processing time. Timers only wake;
 * the reasons are here. Flink's state has the timers and not the times: these count anew after a restore, so that time in which the job
 * did not run closes no mini-batch.
 *
 * <p>A timer in event time fires at the end of input, with the last watermark and no earlier one.
 */
final class MiniBatchClock {

    /** The longest that a stale prototype waits: many orders to forget in a row cost one renewal. */
    static final Duration RENEWAL_DELAY = Duration.ofMillis(100);

    private static final long END_OF_INPUT = Long.MAX_VALUE;

    private final LearnOptions options;
    private final TimerService timers;
    private long flushAtMillis;
    private long reportAtMillis;
    private boolean renewalIsPlanned;

    /** The first report is due an interval from now on. */
    MiniBatchClock(LearnOptions options, TimerService timers) {
        this.options = options;
        this.timers = timers;
        nextReport();
    }

    long nowMillis() {
        return timers.currentProcessingTime();
    }

    /** A mini-batch has its first image. */
    void begin() {
        goOn();
        timers.registerEventTimeTimer(END_OF_INPUT);
    }

    /** A mini-batch had begun before a restore; the timer of the end of input was restored, and may be the one that fires now. */
    void goOn() {
        flushAtMillis = wakeAfter(options.flushInterval());
    }

    /** Whether a mini-batch that has begun is to be closed as it is. */
    boolean isFlushDue(long nowMillis) {
        return nowMillis >= flushAtMillis;
    }

    /** No image waits: the mini-batch was closed by its size. */
    void end() {
        // A timer of that time may be the report's too.
        if (flushAtMillis != reportAtMillis) {
            timers.deleteProcessingTimeTimer(flushAtMillis);
        }
    }

    boolean isReportDue(long nowMillis) {
        return nowMillis >= reportAtMillis;
    }

    /** A report has been made. */
    void nextReport() {
        reportAtMillis = wakeAfter(options.reportInterval());
    }

    boolean isRenewalPlanned() {
        return renewalIsPlanned;
    }

    /** There are stale prototypes. */
    void planRenewal() {
        renewalIsPlanned = true;
        wakeAfter(RENEWAL_DELAY);
        timers.registerEventTimeTimer(END_OF_INPUT);
    }

    /** There are none any more. */
    void renewed() {
        renewalIsPlanned = false;
    }

    private long wakeAfter(Duration delay) {
        long at = timers.currentProcessingTime() + delay.toMillis();
        timers.registerProcessingTimeTimer(at);
        return at;
    }
}
