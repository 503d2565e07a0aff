package io.contrastream.operators.embed;

import io.contrastream.learning.image.ImageShape;
import java.io.Serializable;
import java.time.Duration;

/**
 * How queries are embedded.
 *
 * @param images shape that they have been brought to
 * @param batchSize images of a micro-batch, at least 1
 * @param batchDelay longest that an image waits for others, at least 0
 * @param threads of ONNX Runtime in every parallel instance, at least 1; or 0 for as many as there are cores
 * @param falseAlarmRate share of the images of known classes that may be called unknown, in [0, 1); at 0, none is
 * @param nearestLabels labels of the nearest prototypes that an answer names, at least 1
 */
public record EmbedOptions(
        ImageShape images, int batchSize, Duration batchDelay, int threads, double falseAlarmRate, int nearestLabels)
        implements Serializable {}
