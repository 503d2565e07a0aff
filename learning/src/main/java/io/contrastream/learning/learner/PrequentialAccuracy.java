package io.contrastream.learning.learner;

import java.util.BitSet;

/** Counts predictions that were made before the label was used (Gama et al. 2013), in all and over the newest. */
final class PrequentialAccuracy {

    private final int windowCapacity;
    private final BitSet ring = new BitSet();
    private long predicted;
    private long right;
    private int windowSize;
    private int rightInWindow;
    private int next;

    PrequentialAccuracy(int windowCapacity) {
        this.windowCapacity = windowCapacity;
    }

    /** Goes on from earlier counts; of a longer window, its newest part is kept. */
    PrequentialAccuracy(int windowCapacity, LearnerProgress progress) {
        this(windowCapacity);
        for (int i = Math.max(0, progress.windowSize() - windowCapacity); i < progress.windowSize(); i++) {
            count(progress.window().get(i));
        }
        predicted = progress.imagesSeen();
        right = progress.rightlyPredicted();
    }

    void count(boolean wasRight) {
        predicted++;
        right += wasRight ? 1 : 0;
        rightInWindow += (wasRight ? 1 : 0) - (ring.get(next) ? 1 : 0);
        ring.set(next, wasRight);
        next = (next + 1) % windowCapacity;
        windowSize = Math.min(windowSize + 1, windowCapacity);
    }

    long predicted() {
        return predicted;
    }

    long right() {
        return right;
    }

    int windowSize() {
        return windowSize;
    }

    /** Of the newest, those that were right. */
    int rightInWindow() {
        return rightInWindow;
    }

    /** The newest outcomes, oldest first. */
    BitSet window() {
        BitSet window = new BitSet();
        for (int i = 0; i < windowSize; i++) {
            window.set(i, ring.get((next - windowSize + i + windowCapacity) % windowCapacity));
        }
        return window;
    }
}
