package io.contrastream.learning.replay;

import io.contrastream.learning.random.RandomStream;
import java.util.BitSet;

/**
 * Class-balancing reservoir sampling (Chrysakis and Moens, <i>Online Continual Learning from Imbalanced Data</i>, ICML 2020,
 * algorithm 1). A class is <i>largest</i> if none has more images in memory, and <i>full</i> from the moment on that it is
 * largest in a filled memory. An image of a class that is not full takes a random slot of the largest classes; one of a full
 * class takes a random slot of its own class with probability (its images in memory) / (its images seen), so that the images of
 * a full class are a uniform sample of its stream.
 *
 * <p>Beyond the paper: a vacated slot is taken by every image of a class that is not full, and by those of a full class with that
 * same probability. A class of which nothing has been seen but what was taken out again begins anew and is not full.
 */
public final class ClassBalancedReservoir implements Reservoir {

    private final BitSet full;

    /** A reservoir in which no class is full yet. */
    public ClassBalancedReservoir() {
        this(new BitSet());
    }

    /** A reservoir that goes on with the given full classes. */
    public ClassBalancedReservoir(BitSet full) {
        this.full = (BitSet) full.clone();
    }

    /** Whether the class has been largest in a filled memory. */
    public boolean full(int label) {
        return full.get(label);
    }

    @Override
    public int slotFor(Replay<?> memory, int label, RandomStream random) {
        beginAnew(memory, label);
        int largest = 0;
        for (int other = 0; other < memory.labels(); other++) {
            largest = Math.max(largest, memory.stored(other));
        }
        int candidates = 0; // images of the largest classes
        for (int other = 0; other < memory.labels(); other++) {
            if (memory.stored(other) == largest) {
                full.set(other);
                candidates += largest;
            }
        }
        if (!full.get(label)) {
            int most = largest;
            return memory.slot(random.nextInt(candidates), other -> memory.stored(other) == most);
        }
        int stored = memory.stored(label);
        return random.nextDouble() * memory.seen(label) < stored
                ? memory.slot(random.nextInt(stored), other -> other == label)
                : NONE;
    }

    @Override
    public boolean refills(Replay<?> memory, int label, RandomStream random) {
        beginAnew(memory, label);
        int stored = memory.stored(label);
        long earlier = memory.seen(label) - 1;
        return !full.get(label) || stored == 0 || stored >= earlier || random.nextDouble() * earlier < stored;
    }

    private void beginAnew(Replay<?> memory, int label) {
        if (memory.seen(label) == 1) {
            full.clear(label);
        }
    }
}
