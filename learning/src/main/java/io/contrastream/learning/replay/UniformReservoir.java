package io.contrastream.learning.replay;

import io.contrastream.learning.random.RandomStream;

/**
 * Reservoir sampling (Vitter 1985, algorithm R): after n images each of them is in memory with probability capacity / n.
 */
public final class UniformReservoir implements Reservoir {

    @Override
    public int slotFor(Replay<?> memory, int label, RandomStream random) {
        long position = (long) (random.nextDouble() * memory.population());
        return position < memory.size() ? (int) position : NONE;
    }

    @Override
    public boolean refills(Replay<?> memory, int label, RandomStream random) {
        long earlier = memory.population() - 1;
        return memory.size() >= earlier || random.nextDouble() * earlier < memory.size();
    }
}
