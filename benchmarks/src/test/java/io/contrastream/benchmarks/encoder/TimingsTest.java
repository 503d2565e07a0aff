package io.contrastream.benchmarks.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
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
        Timings timings = Timings.of(List.of(2_000_000L, 300_000_000L, 1_000_000L));

        assertThat(timings.percentileMillis(95)).isEqualTo(300);
        assertThat(timings.medianMillis()).isEqualTo(2);
        assertThat(timings.perSecond(10)).isEqualTo(5000);
    }

    @Test
    void aCallIsMeasuredFromItsBeginningToItsEnd() {
        long nanos = Duration.ofMillis(5).toNanos();

        Timings timings = Timings.measure(Duration.ZERO, Duration.ZERO, () -> {
            long start = System.nanoTime();
            while (System.nanoTime() - start < nanos) {
                Thread.onSpinWait();
            }
        });

        assertThat(timings.percentileMillis(1)).as("the shortest").isGreaterThanOrEqualTo(5);
    }
}
