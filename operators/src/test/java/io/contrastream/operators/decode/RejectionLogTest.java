package io.contrastream.operators.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.AbstractLogger;
import org.slf4j.helpers.MessageFormatter;

class RejectionLogTest {

    private final RecordingLogger lines = new RecordingLogger();
    private final RejectionLog log = new RejectionLog(lines, Duration.ofSeconds(10));

    private void reject(long offset, long nowMillis) {
        log.rejected(
                new KafkaRecord("images", 2, offset, 0, null, null, Map.of()),
                new Rejection(RejectReason.TOMBSTONE, "no value"),
                nowMillis);
    }

    @Test
    void logsTheFirstRejectionAtOnce() {
        reject(7, 1000);

        assertThat(lines.logged)
                .containsExactly(
                        "Rejected the record at offset 7 of partition 2 of topic images as tombstone: no value."
                                + " Rejected since the last such line: 1");
    }

    @Test
    void logsAFloodOnceAnIntervalWithItsNumber() {
        for (int i = 0; i <= 20_000; i++) {
            reject(i, 1000 + i);
        }

        assertThat(lines.logged).hasSize(3);
        assertThat(lines.logged.get(1)).contains("offset 10000").endsWith(": 10000");
        assertThat(lines.logged.get(2)).contains("offset 20000").endsWith(": 10000");
    }

    /** Keeps formatted lines. */
    private static final class RecordingLogger extends AbstractLogger {

        private static final long serialVersionUID = 1;

        private final transient List<String> logged = new ArrayList<>();

        @Override
        protected String getFullyQualifiedCallerName() {
            return null;
        }

        @Override
        protected void handleNormalizedLoggingCall(
                Level level, Marker marker, String pattern, Object[] arguments, Throwable thrown) {
            logged.add(MessageFormatter.basicArrayFormat(pattern, arguments));
        }

        @Override
        public boolean isTraceEnabled() {
            return true;
        }

        @Override
        public boolean isTraceEnabled(Marker marker) {
            return true;
        }

        @Override
        public boolean isDebugEnabled() {
            return true;
        }

        @Override
        public boolean isDebugEnabled(Marker marker) {
            return true;
        }

        @Override
        public boolean isInfoEnabled() {
            return true;
        }

        @Override
        public boolean isInfoEnabled(Marker marker) {
            return true;
        }

        @Override
        public boolean isWarnEnabled() {
            return true;
        }

        @Override
        public boolean isWarnEnabled(Marker marker) {
            return true;
        }

        @Override
        public boolean isErrorEnabled() {
            return true;
        }

        @Override
        public boolean isErrorEnabled(Marker marker) {
            return true;
        }
    }
}
