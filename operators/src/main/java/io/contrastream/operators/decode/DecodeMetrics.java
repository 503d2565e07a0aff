package io.contrastream.operators.decode;

import java.util.EnumMap;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** Metrics of the decoding operator: the names and the counters behind them. Not thread-safe, like Flink's own counters. */
public final class DecodeMetrics {

    /** Records decoded to an example since the task's start. */
    public static final String DECODED = "decodedRecords";
    /** Tombstones since the task's start: orders to forget an image. */
    public static final String TOMBSTONES = "tombstones";
    /** Records rejected since the task's start; once over all reasons, and once in a group for each. */
    public static final String REJECTED = "rejectedRecords";
    /** Key of the group whose value is the reason's code. */
    public static final String REASON = "reason";

    private final Counter decoded;
    private final Counter tombstones;
    private final Counter rejected;
    private final Map<RejectReason, Counter> rejectedByReason = new EnumMap<>(RejectReason.class);

    /** Registers all of them. */
    public DecodeMetrics(MetricGroup group) {
        decoded = group.counter(DECODED);
        tombstones = group.counter(TOMBSTONES);
        rejected = group.counter(REJECTED);
        for (RejectReason reason : RejectReason.values()) {
            rejectedByReason.put(reason, group.addGroup(REASON, reason.code()).counter(REJECTED));
        }
    }

    void decoded() {
        decoded.inc();
    }

    void tombstone() {
        tombstones.inc();
    }

    void rejected(RejectReason reason) {
        rejected.inc();
        rejectedByReason.get(reason).inc();
    }
}
