package io.contrastream.dashboard.model;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The newest of many things, newest first. Not thread-safe. */
final class Ring<T> {

    private final int capacity;
    private final Deque<T> newestFirst = new ArrayDeque<>();

    Ring(int capacity) {
        this.capacity = capacity;
    }

    /** Adds one, and drops the oldest if there is no room. */
    void add(T thing) {
        if (newestFirst.size() == capacity) {
            newestFirst.removeLast();
        }
        newestFirst.addFirst(thing);
    }

    List<T> newestFirst() {
        return List.copyOf(newestFirst);
    }
}
