package io.contrastream.learning.encoder;

import io.contrastream.learning.network.EncoderSpec;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * An image encoder that learns: the seam between the learning core and an engine. Images are planar, [N, C, H, W] flattened in
 * row-major order, with values in [0, 1]; normalisation is the network's own first node.
 *
 * <p>Not thread-safe: one thread owns an encoder from its creation to its end. After {@link #close()} every other call fails.
 */
public interface Encoder extends AutoCloseable {

    /** What network this is. */
    EncoderSpec spec();

    /** How it is trained. */
    TrainingOptions training();

    /** The device that it works on: {@code cpu} or {@code cuda:N}. */
    default String device() {
        return "cpu";
    }

    /**
     * Embeds images with the running statistics of batch normalisation, and with the averages of parameters and statistics where
     * {@link TrainingOptions#averagingDecay} asks for them; changes nothing. Large {@code n} is split into parts of bounded memory,
     * which does not change the result.
     *
     * @param images [n, C, H, W] in [0, 1]
     * @param n number of images, at least 1
     * @return [n, D], rows of Euclidean length 1; but what an encoder has no direction for, because all features of an image are 0 or
     *     one is not finite, is such a row: whoever publishes looks
     * @throws IllegalArgumentException if the number of values is not n · C · H · W
     * @throws EncoderMemoryException if memory is refused
     */
    float[] embed(float[] images, int n);

    /** A step on the supervised contrastive loss alone, with the optimiser's own learning rate. */
    default float train(float[] views, int[] labels) {
        return train(views, labels, FeatureLoss.NONE, 1);
    }

    /**
     * One optimiser step on the supervised contrastive loss of the views' projections and a loss of their features, batch
     * normalisation with the statistics of these views. If the loss, a gradient or a statistic of these views is not finite, or a
     * parameter, running statistic, average or optimiser slot that the step would start from, or a gradient is above
     * {@link SkippedStep#LARGEST_GRADIENT}, no step is taken: all of them and the step count stay as they were, and the result is
     * {@link Float#NaN}.
     *
     * @param views [N, C, H, W] in [0, 1], all views of all images in any order
     * @param labels [N], the class of each view; equal numbers are equal classes
     * @param featureLoss is asked once
     * @param rate what the optimiser's learning rate is multiplied by for this step, above 0
     * @return the sum of both losses before the step; the contrastive one is at least 0, and 0 if no view has a positive; or NaN if
     *     no step was taken
     * @throws IllegalArgumentException if there are fewer than two views or the number of values is not N · C · H · W
     * @throws EncoderMemoryException if memory is refused
     */
    float train(float[] views, int[] labels, FeatureLoss featureLoss, double rate);

    /**
     * Says that a later call of {@link #train} comes with this very array, which stays as it is until then: an engine with a device of
     * its own can begin to bring it there. Changes nothing but the time, and is never needed. The only method that another thread than
     * the owner's may call, also while the owner is in another one, and that does nothing after {@link #close()}.
     *
     * @param views [N, C, H, W] in [0, 1]
     */
    default void announce(float[] views) {}

    /** The last step that {@link #train} did not take; empty if there was none, or if the encoder cannot tell. */
    default Optional<SkippedStep> skippedStep() {
        return Optional.empty();
    }

    /** A copy of everything that training changes; the engine keeps nothing else. */
    EncoderState state();

    /**
     * Takes over a state; goes on exactly as the encoder that it was copied from would have.
     *
     * @throws IllegalArgumentException naming what differs, if it is the state of another network or optimiser
     */
    void load(EncoderState state);

    /** The most memory of a device of its own, such as a GPU, that the encoder has taken so far; empty if it cannot tell. */
    default OptionalLong peakDeviceBytes() {
        return OptionalLong.empty();
    }

    /** Frees native memory. Idempotent. */
    @Override
    void close();
}
