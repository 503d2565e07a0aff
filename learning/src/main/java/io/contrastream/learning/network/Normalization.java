package io.contrastream.learning.network;

import java.io.Serializable;
import java.util.List;

/**
 * Means that are subtracted from pixels in [0, 1], and deviations that they are divided by, channel by channel. They
 * belong to the network, so that every engine and every release does the same.
 *
 * @param mean one value a channel, in [0, 1]
 * @param standardDeviation one value a channel, above 0
 */
public record Normalization(List<Float> mean, List<Float> standardDeviation) implements Serializable {

    /** Mean and deviation of CIFAR-100's training images. */
    public static final Normalization CIFAR100 =
            new Normalization(List.of(0.5071f, 0.4867f, 0.4408f), List.of(0.2675f, 0.2565f, 0.2761f));

    /** Mean and deviation of ImageNet, as torchvision's models want them. */
    public static final Normalization IMAGENET =
            new Normalization(List.of(0.485f, 0.456f, 0.406f), List.of(0.229f, 0.224f, 0.225f));

    /** @throws IllegalArgumentException if the lists differ in length or a value is out of its range */
    public Normalization {
        mean = List.copyOf(mean);
        standardDeviation = List.copyOf(standardDeviation);
        if (mean.isEmpty() || mean.size() != standardDeviation.size()) {
            throw new IllegalArgumentException(
                    "normalisation needs one mean and one standard deviation a channel, but has " + mean + " and "
                            + standardDeviation);
        }
        for (int channel = 0; channel < mean.size(); channel++) {
            if (!(mean.get(channel) >= 0 && mean.get(channel) <= 1 && standardDeviation.get(channel) > 0)) {
                throw new IllegalArgumentException(
                        "normalisation needs means in [0, 1] and standard deviations above 0, but has " + mean + " and "
                                + standardDeviation);
            }
        }
    }
}
