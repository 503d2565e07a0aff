package io.contrastream.operators;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcessMemoryTest {

    private final RecordedMetrics recorded = new RecordedMetrics();

    @Test
    void tellsWhatTheProcessTakesAndWhatItMayTake() {
        ProcessMemory.register(recorded, 3L << 30);

        double heap = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
        assertThat((double) recorded.value(ProcessMemory.BYTES)).isBetween(heap / 2, 1e11);
        assertThat(recorded.value(ProcessMemory.LIMIT_BYTES)).isEqualTo((double) (3L << 30));
    }
}
