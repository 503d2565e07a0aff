package io.contrastream.cli.demo;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Options of a demo.
 *
 * @param images data set, as {@link io.contrastream.datasets.ImageSource#open} takes it
 * @param classes how many of its classes, at least 2; 0 for all
 * @param limit how many images, at least one a class; 0 for all
 * @param seed of the data set's order, of what is generated, and of the learner
 * @param lateLabels the longest time from an image to its label; empty if images come with their labels
 * @param settings options of the learning job that win over those of the demo, by key
 */
public record DemoOptions(
        String images, int classes, int limit, long seed, Optional<Duration> lateLabels, Map<String, String> settings) {

    public DemoOptions {
        settings = Map.copyOf(settings);
    }

    /** With images that come with their labels. */
    public DemoOptions(String images, int classes, int limit, long seed, Map<String, String> settings) {
        this(images, classes, limit, seed, Optional.empty(), settings);
    }
}
