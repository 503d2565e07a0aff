package io.contrastream.operators.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.operators.RecordedMetrics;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.metrics.Histogram;
import org.junit.jupiter.api.Test;

class ReplicaMetricsTest {

    private final RecordedMetrics recorded = new RecordedMetrics();
    private final AtomicLong now = new AtomicLong(1_000_000_007);
    private final AtomicLong inSums = new AtomicLong(TimeUnit.MILLISECONDS.toNanos(300));

    @Test
    void aStepIsWhatALearnerComputesAndItsSums() {
        ReplicaMetrics metrics = new ReplicaMetrics(recorded, 3, now::get);

        assertThat(metrics.time(inSums::get, () -> step(50, 20))).isEqualTo("taken");

        assertThat(newest("stepComputeMillis")).isEqualTo(50);
        assertThat(newest("stepSumMillis")).isEqualTo(20);
    }

    private String step(int computeMillis, int sumMillis) {
        now.addAndGet(TimeUnit.MILLISECONDS.toNanos(computeMillis + sumMillis));
        inSums.addAndGet(TimeUnit.MILLISECONDS.toNanos(sumMillis));
        return "taken";
    }

    private long newest(String name) {
        return ((Histogram) recorded.metrics().get("replica.3." + name))
                .getStatistics()
                .getMax();
    }
}
