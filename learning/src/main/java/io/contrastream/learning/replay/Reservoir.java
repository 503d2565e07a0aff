package io.contrastream.learning.replay;

import io.contrastream.learning.random.RandomStream;

/** Decides what a replay memory keeps that is filled, or has been before something was taken out of it. */
public sealed interface Reservoir permits ClassBalancedReservoir, UniformReservoir {

    /** Instead of a slot: the new image is not kept. */
    int NONE = -1;

    /**
     * The slot that a new image takes from another, or {@link #NONE}.
     *
     * @param memory filled
     * @param label of the new image, which {@link Replay#seen} counts already
     */
    int slotFor(Replay<?> memory, int label, RandomStream random);

    /**
     * Whether a new image takes a slot that has been vacated: with the probability with which those before it are in memory.
     *
     * @param memory not filled
     * @param label of the new image, which {@link Replay#seen} counts already
     */
    boolean refills(Replay<?> memory, int label, RandomStream random);
}
