package io.contrastream.learning.replay;

import io.contrastream.learning.random.RandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Replay memory: numbered slots, filled from 0 upwards without a gap, each with an item and its class. Classes are numbers from 0
 * upwards.
 *
 * <p>An item can be taken out again. Its slot is {@link #vacated} then: a later item comes into it only if the reservoir would have
 * kept that item in a filled memory too, so that what is in memory stays a sample of all that was offered and not taken out, and
 * does not lean towards what came after.
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
    private long population;
    private long seenInAll;
    private int vacated;

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

    /** Puts back what {@link #seen(int)} told of a class. */
    public void restoreSeen(int label, long count) {
        reserve(label);
        population += count - seen[label];
        seen[label] = count;
    }

    /** Puts back what {@link #seen()} and {@link #vacated()} told. */
    public void restoreCounts(long offered, int vacatedSlots) {
        seenInAll = offered;
        vacated = vacatedSlots;
    }

    /**
     * Shows memory a new item.
     *
     * @return the slot that it was written to, or {@link Reservoir#NONE} if it is not kept
     */
    public int offer(E item, int label, RandomStream random) {
        reserve(label);
        count(label);
        seenInAll++;
        int slot = slotFor(label, random);
        if (slot != Reservoir.NONE) {
            put(slot, item, label);
        }
        return slot;
    }

    private int slotFor(int label, RandomStream random) {
        if (items.size() == capacity) {
            return reservoir.slotFor(this, label, random);
        }
        if (items.size() + vacated < capacity) {
            return items.size();
        }
        if (reservoir.refills(this, label, random)) {
            vacated--;
            return items.size();
        }
        return Reservoir.NONE;
    }

    /**
     * Puts a newer version of an item in its place. If the class is another one, it is an item of that from now on, and never has been
     * one of the other.
     */
    public void replace(int slot, E item, int label) {
        reserve(label);
        seenInAll++;
        if (label != slotLabels[slot]) {
            discount(slotLabels[slot]);
            count(label);
        }
        put(slot, item, label);
    }

    /**
     * Takes an item out: memory goes on as if it had not been offered, as far as it can tell. The item of the last slot moves into its
     * slot.
     */
    public void remove(int slot) {
        discount(slotLabels[slot]);
        stored[slotLabels[slot]]--;
        int last = items.size() - 1;
        items.set(slot, items.get(last));
        slotLabels[slot] = slotLabels[last];
        items.remove(last);
        vacated++;
    }

    private void count(int label) {
        seen[label]++;
        population++;
    }

    /** An item in memory stands for as many of its class as there are for each that is there. */
    private void discount(int label) {
        long left = Math.round((double) seen[label] * (stored[label] - 1) / stored[label]);
        population += left - seen[label];
        seen[label] = left;
    }

    /** Different slots, each as likely as any other: {@code count} of them, or all if there are fewer. */
    public int[] recall(int count, RandomStream random) {
        return recall(count, random, item -> true);
    }

    /** The same of those slots whose items are as wanted. */
    public int[] recall(int count, RandomStream random, Predicate<E> wanted) {
        int[] slots = IntStream.range(0, items.size())
                .filter(slot -> wanted.test(items.get(slot)))
                .toArray();
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

    /** Copy of the items of all slots in use, by slot. */
    public List<E> items() {
        return List.copyOf(items);
    }

    /** Items offered so far, whatever became of them. */
    public long seen() {
        return seenInAll;
    }

    /** Slots that have been emptied and not filled again. */
    public int vacated() {
        return vacated;
    }

    /** Items that those in memory are a sample of: all offered, less what those that were taken out stood for. */
    long population() {
        return population;
    }

    /** Items of the class that those in memory are a sample of: all offered, less what those that were taken out stood for. */
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
