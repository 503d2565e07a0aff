package io.contrastream.learning.replay;

import io.contrastream.learning.random.RandomStream;

/** Decides what a filled replay memory keeps. */
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
}
