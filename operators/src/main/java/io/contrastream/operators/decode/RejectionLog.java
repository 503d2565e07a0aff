package io.contrastream.operators.decode;

import java.time.Duration;
import org.slf4j.Logger;

/** Logs rejections, but a flood of them only now and then: the first at once, later ones with the number of those in between. */
public final class RejectionLog {

    private final Logger log;
    private final long intervalMillis;
    private boolean logged;
    private long loggedAtMillis;
    private long unlogged;

    /** @param interval least time between two lines */
    public RejectionLog(Logger log, Duration interval) {
        this.log = log;
        this.intervalMillis = interval.toMillis();
    }

    /** Logs a rejection, or counts it. */
    public void rejected(KafkaRecord record, Rejection rejection, long nowMillis) {
        if (logged && nowMillis - loggedAtMillis < intervalMillis) {
            unlogged++;
            return;
        }
        log.warn(
                "Rejected the record at offset {} of partition {} of topic {} as {}: {}. Rejected since the last such line: {}",
                record.offset(),
                record.partition(),
                record.topic(),
                rejection.reason(),
                rejection.getMessage(),
                unlogged + 1);
        logged = true;
        loggedAtMillis = nowMillis;
        unlogged = 0;
    }
}
