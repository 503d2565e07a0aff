package io.contrastream.learning.encoder;

import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.objective.Objective;

/**
 * An image encoder that learns: the seam between the learning core and an engine. Images are planar, [N, C, H, W] flattened in
 * row-major order; normalisation is the network's own first node.
 *
 * <pre>{@code
 * EncoderSpec spec = new EncoderSpec(
 *         Architecture.RESNET18, Stem.CIFAR, 64, new ImageShape(3, 32, 32), 128, Normalization.CIFAR100);
 * TrainingOptions training = new TrainingOptions(OptimizerOptions.adam(1e-3, 1e-4), 0.1, 0.99);
 * try (Encoder encoder = EncoderEngine.find().create(spec, training, DeviceOptions.AUTO, 0)) {
 *     float[] embeddings = encoder.embed(images, n); // [n, D], unit rows
 * }
 * }</pre>
 *
 * <p>Not thread-safe: one thread owns an encoder from its creation to its end. After {@link #close()} every other call fails.
 */
public interface Encoder extends AutoCloseable {

    /** Specification of the network. */
    EncoderSpec spec();

    /** How it is trained. */
    TrainingOptions training();

    /** The device that it works on: {@code cpu} or {@code cuda:N}. */
    default String device() {
        return "cpu";
    }

    /** The precision that it works in: never {@link DeviceOptions.Precision#AUTO}. */
    default DeviceOptions.Precision precision() {
        return DeviceOptions.Precision.FLOAT32;
    }

    /**
     * Whether it makes the views of a step itself. If not it takes {@link StepInput#hostViews}, and whoever hands over the input does
     * well to begin them ahead.
     */
    default boolean makesViews() {
        return false;
    }

    /** Optimiser steps taken since the model's start: the encoder version. Costs nothing. */
    long step();

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

    /**
     * Takes the running statistics that images are embedded with anew from images: means and variances of every batch normalisation, under
     * the averages and over parts of at most {@value #STATISTICS_PART} images of nearly the same size, one after another, each normalised
     * with its own; then the mean over the parts (Izmailov et al. 2018 do that for averaged weights). Nothing else changes, and the next
     * step moves the averages of statistics on from there. Nothing happens if these images are too few for a variance, or
     * a statistic is not finite.
     *
     * @param images as {@link #embed} takes them
     * @throws IllegalArgumentException if the number of values is not n · C · H · W, or there are no averages: the newest statistics are
     *     those of the steps
     * @throws EncoderMemoryException if memory is refused
     */
    void recalibrate(float[] images, int n);

    /** Most images of a part of {@link #recalibrate}: about as many as a step has views. */
    int STATISTICS_PART = 200;

    /**
     * One optimiser step: {@link #gradients}, then {@link #apply}, to the bit.
     *
     * @throws IllegalArgumentException as {@link #gradients}
     * @throws EncoderMemoryException if memory is refused
     */
    default StepResult train(StepInput input, Objective objective, StepRate rate) {
        return apply(gradients(input, objective), rate);
    }

    /**
     * Computes an objective of views and its gradients, batch normalisation with the statistics of these views. Changes nothing that a
     * state holds, but that a cross-entropy's classifier has a row for every class of the labels from then on.
     *
     * @throws IllegalArgumentException if the images are not of the encoder's shape, or a term's tap is no output of the network, or
     *     not the one that the classifier has been of
     * @throws EncoderMemoryException if memory is refused
     */
    Gradients gradients(StepInput input, Objective objective);

    /**
     * Takes the optimiser step of gradients: parameters, running statistics, averages and the step count move on. If the gradients
     * are not {@link Gradients#usable}, all of them stay as they were, and {@link #diagnostics} has the {@link SkippedStep}.
     *
     * @param gradients the last that this encoder has computed
     * @throws IllegalArgumentException if they are not
     */
    StepResult apply(Gradients gradients, StepRate rate);

    /** Figures about itself. */
    default Diagnostics diagnostics() {
        return Diagnostics.NONE;
    }

    /** A copy of everything that training changes; the engine keeps nothing else. */
    EncoderState state();

    /**
     * Takes over a state; goes on exactly as the encoder that it was copied from would have.
     *
     * @throws IllegalArgumentException naming what differs, if it is the state of another network or optimiser
     */
    void load(EncoderState state);

    /** Frees native memory. Idempotent. */
    @Override
    void close();
}
