package io.contrastream.jobs.learning.option;

import static org.apache.flink.configuration.ConfigOptions.key;

import io.contrastream.jobs.option.Allowed;
import io.contrastream.jobs.option.Setting;
import java.time.Duration;
import java.util.List;

/** Options of how images and labels that come by themselves wait for each other. */
public final class LateLabelSettings {

    private static final Duration LONGEST = Duration.ofDays(366);

    public static final Setting<Duration> TIME_TO_LIVE = new Setting<>(
            key("late-labels.time-to-live")
                    .durationType()
                    .defaultValue(Duration.ofDays(1))
                    .withDescription(
                            "How long an image is kept for its label and for corrections of it, and a label for its"
                                    + " image, by Kafka's timestamps of the records. What has not met its partner by then"
                                    + " goes to the topic of rejected images. All images of that time are in the state."),
            upTo(Duration.ofSeconds(1), "1 s"));

    public static final Setting<Duration> OUT_OF_ORDERNESS = new Setting<>(
            key("late-labels.out-of-orderness")
                    .durationType()
                    .defaultValue(Duration.ofSeconds(10))
                    .withDescription("How far the records of one partition may be out of the order of their timestamps:"
                            + " by so much, what has not met its partner waits longer."),
            upTo(Duration.ZERO, "0 s"));

    public static final Setting<Duration> IDLENESS = new Setting<>(
            key("late-labels.idleness")
                    .durationType()
                    .defaultValue(Duration.ofMinutes(1))
                    .withDescription(
                            "After what time without a record a partition of images or labels no longer holds back the"
                                    + " time by which the others' records expire."),
            upTo(Duration.ofMillis(100), "100 ms"));

    static final List<Setting<?>> ALL = List.of(TIME_TO_LIVE, OUT_OF_ORDERNESS, IDLENESS);

    private LateLabelSettings() {}

    private static Allowed<Duration> upTo(Duration minimum, String minimumText) {
        return new Allowed<>(
                "a duration such as 30 s, 12 h or 7 d, from " + minimumText + " to 366 d",
                value -> value.compareTo(minimum) >= 0 && value.compareTo(LONGEST) <= 0);
    }
}
