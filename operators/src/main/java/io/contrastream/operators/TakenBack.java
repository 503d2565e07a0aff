package io.contrastream.operators;

/**
 * Images that have been taken back since the model's start.
 *
 * @param forgotten by a tombstone, out of memory or of the unfinished mini-batch
 * @param moved in memory to another label, under which they have come again
 */
public record TakenBack(long forgotten, long moved) {

    public static final TakenBack NONE = new TakenBack(0, 0);

    public TakenBack plus(long moreForgotten, long moreMoved) {
        return new TakenBack(forgotten + moreForgotten, moved + moreMoved);
    }
}
