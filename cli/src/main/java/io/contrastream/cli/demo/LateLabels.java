package io.contrastream.cli.demo;

import io.contrastream.cli.produce.ImageSender;
import io.contrastream.datasets.ImageStream;
import io.contrastream.datasets.SourceImage;
import io.contrastream.schemas.ImageEncoding;
import io.contrastream.topics.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * A stream whose labels come late: images flow evenly for as long as the longest delay, and each label comes by itself, a tenth of that
 * delay to all of it later, at random. A few labels of the first part of the stream never come, and a few are wrong at first and corrected
 * a moment later. Everything but the speed of the machine is a function of the stream and the seed.
 */
final class LateLabels {

    /** Of so many images one is wrong at first, and of the first part of the stream one stays without label. */
    private static final int ODD_EVERY = 50;

    private static final int CORRECTED = 10;
    private static final int WITHOUT_LABEL = 25;
    /** Late enough in the stream, nothing would come any more by whose time they could expire. */
    private static final double SHARE_WITHOUT_LABEL = 0.4;
    /** A correction comes before the last labels do. */
    private static final double SHARE_CORRECTED = 0.8;

    private static final int PARTS_TO_CORRECTION = 18;
    private static final double TIME_TO_LIVE_IN_DELAYS = 1.25;

    private final ImageStream stream;
    private final Duration longestDelay;
    private final List<Due> plan = new ArrayList<>();
    private long delayNanos;
    private int labels;
    private int corrections;

    /** Records to send of an image. */
    private enum Part {
        IMAGE,
        LABEL,
        WRONG_LABEL
    }

    private record Due(long nanos, int position, Part part) {}

    /** Plans it. */
    LateLabels(ImageStream stream, Duration longestDelay, long seed) {
        this.stream = stream;
        this.longestDelay = longestDelay;
        SplittableRandom random = new SplittableRandom(seed);
        long longest = longestDelay.toNanos();
        for (int position = 0; position < stream.size(); position++) {
            long sent = longest * position / stream.size();
            long delay = position == stream.size() - 1 ? longest : random.nextLong(longest / 10, longest);
            plan.add(new Due(sent, position, Part.IMAGE));
            if (!isWithoutLabel(position)) {
                plan(position, sent + delay);
                delayNanos += delay;
                labels++;
            }
        }
        plan.sort(Comparator.comparingLong(Due::nanos));
    }

    private void plan(int position, long nanos) {
        if (position % ODD_EVERY == CORRECTED && position < SHARE_CORRECTED * stream.size()) {
            plan.add(new Due(nanos, position, Part.WRONG_LABEL));
            plan.add(new Due(nanos + longestDelay.toNanos() / PARTS_TO_CORRECTION, position, Part.LABEL));
            corrections++;
        } else {
            plan.add(new Due(nanos, position, Part.LABEL));
        }
    }

    private boolean isWithoutLabel(int position) {
        return position % ODD_EVERY == WITHOUT_LABEL && position < SHARE_WITHOUT_LABEL * stream.size();
    }

    /** Options of a job that learns from it. */
    static Map<String, String> settings(Duration longestDelay) {
        return Map.of(
                "kafka.topic.images",
                Topic.IMAGES.id(),
                "kafka.topic.labels",
                Topic.LABELS.id(),
                "late-labels.time-to-live",
                Math.round(longestDelay.toMillis() * TIME_TO_LIVE_IN_DELAYS) + " ms",
                "late-labels.out-of-orderness",
                "100 ms",
                "late-labels.idleness",
                longestDelay.dividedBy(PARTS_TO_CORRECTION).toMillis() + " ms");
    }

    /**
     * Sends it, and returns when all is sent.
     *
     * @param source name of the data set
     */
    void send(String source, ImageSender images, ImageSender given) throws InterruptedException {
        long start = System.nanoTime();
        for (Due due : plan) {
            long left = start + due.nanos() - System.nanoTime();
            if (left > 0) {
                TimeUnit.NANOSECONDS.sleep(left);
            }
            if (due.part() == Part.IMAGE) {
                images.send(
                        stream.image(due.position()),
                        Map.of("source", source, "stage", Integer.toString(stream.stage(due.position()))));
            } else {
                given.send(label(due), Map.of());
            }
        }
    }

    private SourceImage label(Due due) {
        String label = due.part() == Part.LABEL ? stream.label(due.position()) : otherLabel(due.position());
        return new SourceImage(stream.id(due.position()), label, new byte[0], ImageEncoding.PNG, 0, 0);
    }

    /** That of the next image that has another one. */
    private String otherLabel(int position) {
        String label = stream.label(position);
        int other = position;
        while (stream.label(other).equals(label)) {
            other = (other + 1) % stream.size();
        }
        return stream.label(other);
    }

    /** Results, except for those that are counted from the output topics. */
    DemoReport.LateLabels report(Duration timeToLive, long expired, long relabelled) {
        return new DemoReport.LateLabels(
                longestDelay.toMillis() / 1e3,
                labels == 0 ? 0 : delayNanos / 1e9 / labels,
                timeToLive.toMillis() / 1e3,
                labels,
                corrections,
                relabelled,
                stream.size() - labels,
                expired);
    }
}
