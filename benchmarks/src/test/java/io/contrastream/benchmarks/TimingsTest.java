package io.contrastream.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

final class TimingsTest {

    @Test
    void slowWorkIsStillMeasuredThreeTimesAfterOneThatDoesNotCount() {
        AtomicInteger calls = new AtomicInteger();

        Timings timings = Timings.measure(Duration.ZERO, Duration.ZERO, calls::incrementAndGet);

        assertThat(timings.count()).isEqualTo(3);
        assertThat(calls).hasValue(4);
    }

    @Test
    void aSlowCallIsInThePercentileAndNotInTheMedian() {
        AtomicInteger calls = new AtomicInteger();

        Timings timings = Timings.measure(Duration.ZERO, Duration.ZERO, () -> {
            // The first is not measured.
            if (calls.getAndIncrement() == 2) {
                LockSupport.parkNanos(Duration.ofMillis(300).toNanos());
            }
        });

        assertThat(timings.percentileMillis(95)).isGreaterThan(250);
        assertThat(timings.medianMillis()).isLessThan(timings.percentileMillis(95));
        assertThat(timings.perSecond(10) * timings.medianMillis()).isBetween(9_999.0, 10_001.0);
    }
}
