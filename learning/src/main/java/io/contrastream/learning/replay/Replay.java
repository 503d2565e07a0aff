package io.contrastream.learning.replay;

import io.contrastream.learning.random.RandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Replay memory: numbered slots, filled from 0 upwards and never emptied, each with an item and its class. Classes are numbers
 * from 0 upwards.
 *
 * @param <E> what is remembered
 */
public final class Replay<E> {

    private final int capacity;
    private final Reservoir reservoir;
    private final List<E> items = new ArrayList<>();
    private final int[] slotLabels;
    private int[] stored = new int[0];
    private long[] seen = new long[0];
    private long seenInAll;

    /** An empty memory. */
    public Replay(int capacity, Reservoir reservoir) {
        this.capacity = capacity;
        this.reservoir = reservoir;
        this.slotLabels = new int[capacity];
    }

    /** Puts back an item into the next slot without counting it as seen. */
    public void restore(E item, int label) {
        reserve(label);
        put(items.size(), item, label);
    }

    /** Puts back how many images of the class have been offered. */
    public void restoreSeen(int label, long count) {
        reserve(label);
        seenInAll += count - seen[label];
        seen[label] = count;
    }

    /**
     * Shows memory a new item.
     *
     * @return the slot that it was written to, or {@link Reservoir#NONE} if it is not kept
     */
    public int offer(E item, int label, RandomStream random) {
        reserve(label);
        seen[label]++;
        seenInAll++;
        int slot = items.size() < capacity ? items.size() : reservoir.slotFor(this, label, random);
        if (slot != Reservoir.NONE) {
            put(slot, item, label);
        }
        return slot;
    }

    /** Different slots, each as likely as any other: {@code count} of them, or all if there are fewer. */
    public int[] recall(int count, RandomStream random) {
        int[] slots = new int[items.size()];
        Arrays.setAll(slots, slot -> slot);
        int recalled = Math.min(count, slots.length);
        for (int i = 0; i < recalled; i++) {
            int other = i + random.nextInt(slots.length - i);
            int slot = slots[other];
            slots[other] = slots[i];
            slots[i] = slot;
        }
        return Arrays.copyOf(slots, recalled);
    }

    /** Slots in use. */
    public int size() {
        return items.size();
    }

    public E item(int slot) {
        return items.get(slot);
    }

    public int label(int slot) {
        return slotLabels[slot];
    }

    /** Copy of the classes of all slots in use. */
    public int[] slotLabels() {
        return Arrays.copyOf(slotLabels, items.size());
    }

    /** Items offered so far. */
    public long seen() {
        return seenInAll;
    }

    /** Items of the class offered so far. */
    public long seen(int label) {
        return label < seen.length ? seen[label] : 0;
    }

    /** Items of the class in memory. */
    public int stored(int label) {
        return label < stored.length ? stored[label] : 0;
    }

    /** Above all classes offered so far. */
    int labels() {
        return stored.length;
    }

    /** The slot of the given position among those, in ascending order, whose class is as wanted. */
    int slot(int position, IntPredicate wanted) {
        int left = position;
        for (int slot = 0; slot < items.size(); slot++) {
            if (wanted.test(slotLabels[slot]) && left-- == 0) {
                return slot;
            }
        }
        throw new IllegalStateException("memory has no slot " + position + " of the wanted classes");
    }

    private void put(int slot, E item, int label) {
        if (slot == items.size()) {
            items.add(item);
        } else {
            stored[slotLabels[slot]]--;
            items.set(slot, item);
        }
        slotLabels[slot] = label;
        stored[label]++;
    }

    private void reserve(int label) {
        if (label >= stored.length) {
            stored = Arrays.copyOf(stored, label + 1);
            seen = Arrays.copyOf(seen, label + 1);
        }
    }
}
