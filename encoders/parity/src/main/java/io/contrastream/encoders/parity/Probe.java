package io.contrastream.encoders.parity;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.StepResult;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.objective.Objective;
import java.util.List;

/** A fresh encoder of an engine, opened for tests: what a step passes through and {@link Encoder} does not show. */
public interface Probe extends AutoCloseable {

    /** The encoder; it lives as long as the probe. */
    Encoder encoder();

    /**
     * Projections with the running statistics of batch normalisation; changes nothing.
     *
     * @param images [n, C, H, W] in [0, 1]
     * @param n number of images, at least 1
     * @return [n, P], rows of Euclidean length 1
     */
    float[] project(float[] images, int n);

    /**
     * The gradient of an objective before weight decay, as {@link Encoder#gradients} computes it; changes nothing that a state
     * holds.
     *
     * @param views [N, C, H, W] in [0, 1]
     * @param labels [N]
     * @return as {@link io.contrastream.learning.encoder.Gradients#read}
     */
    List<Tensor> gradients(float[] views, int[] labels, Objective objective);

    /** A step as {@link Encoder#train} takes it, of views that are made already. */
    StepResult train(float[] views, int[] labels, Objective objective);

    /** Closes the encoder. */
    @Override
    void close();
}
