package io.contrastream.datasets;

import io.contrastream.learning.random.RandomStream;
import java.util.List;

/** Fisher-Yates shuffles that depend on nothing but their random stream. */
public final class Shuffle {

    private Shuffle() {}

    /** The numbers below {@code size} in random order. */
    public static int[] permutation(int size, RandomStream random) {
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    /** Shuffles in place. */
    public static <T> void shuffle(List<T> list, RandomStream random) {
        for (int i = list.size() - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            list.set(i, list.set(j, list.get(i)));
        }
    }
}
