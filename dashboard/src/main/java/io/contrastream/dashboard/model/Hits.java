package io.contrastream.dashboard.model;

/** How many of the newest {@value #WINDOW} predictions were right. Not thread-safe. */
final class Hits {

    static final int WINDOW = 64;

    private long bits;
    private int size;

    void add(boolean right) {
        bits = bits << 1 | (right ? 1 : 0);
        size = Math.min(WINDOW, size + 1);
    }

    /** How many there are, at most the window. */
    int size() {
        return size;
    }

    int right() {
        return Long.bitCount(bits);
    }
}
