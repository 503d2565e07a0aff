package io.contrastream.operators.join;

import java.io.Serializable;
import java.time.Duration;

/**
 * How long images and labels wait for each other, in the time of the stream: that of Kafka's timestamps.
 *
 * @param timeToLive how long an image is kept for its label and for corrections of it, and a label for its image; above 0
 * @param outOfOrderness how far records of one partition may be out of the order of their timestamps, at least 0
 * @param idleness after what time without a record a partition no longer holds the time of the stream back; above 0
 */
public record JoinOptions(Duration timeToLive, Duration outOfOrderness, Duration idleness) implements Serializable {

    /** @throws IllegalArgumentException naming the value and its range if one is out of it */
    public JoinOptions {
        require(timeToLive.toMillis() > 0, "time to live", timeToLive, "above 0");
        require(!outOfOrderness.isNegative(), "out-of-orderness", outOfOrderness, "at least 0");
        require(idleness.toMillis() > 0, "idleness", idleness, "above 0");
    }

    private static void require(boolean valid, String what, Duration value, String allowed) {
        if (!valid) {
            throw new IllegalArgumentException(what + " must be " + allowed + ", but is " + value);
        }
    }
}
