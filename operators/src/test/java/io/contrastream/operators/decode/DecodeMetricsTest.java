package io.contrastream.operators.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.operators.RecordedMetrics;
import org.junit.jupiter.api.Test;

class DecodeMetricsTest {

    @Test
    void countsRejectionsInAllAndByReason() {
        RecordedMetrics recorded = new RecordedMetrics();
        DecodeMetrics metrics = new DecodeMetrics(recorded);

        metrics.decoded();
        metrics.rejected(RejectReason.TOMBSTONE);
        metrics.rejected(RejectReason.TRUNCATED_IMAGE);
        metrics.rejected(RejectReason.TRUNCATED_IMAGE);

        assertThat(recorded.value("decodedRecords")).isEqualTo(1L);
        assertThat(recorded.value("rejectedRecords")).isEqualTo(3L);
        assertThat(recorded.value("reason.tombstone.rejectedRecords")).isEqualTo(1L);
        assertThat(recorded.value("reason.truncated-image.rejectedRecords")).isEqualTo(2L);
        assertThat(recorded.value("reason.corrupt-image.rejectedRecords")).isEqualTo(0L);
    }
}
