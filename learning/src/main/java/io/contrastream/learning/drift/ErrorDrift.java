package io.contrastream.learning.drift;

import io.contrastream.learning.drift.Adwin.Cut;
import java.util.Optional;

/**
 * Watches whether the share of wrong predictions changes, in whichever direction, by {@link Adwin}. After each change its window starts
 * anew, as River's does, so that one change is told once. Not thread-safe.
 */
public final class ErrorDrift {

    /** Null if nothing is watched. */
    private final Adwin adwin;

    private long rises;
    private long falls;
    /** Null if there was none. */
    private Change newest;

    /**
     * None yet.
     *
     * @param delta of ADWIN, in (0, 1); or 0 for not to watch
     */
    public ErrorDrift(double delta) {
        this(delta, State.NONE);
    }

    /** Goes on from an earlier one, under a delta that may be another. */
    public ErrorDrift(double delta, State state) {
        adwin = delta == 0 ? null : new Adwin(delta, state.window());
        rises = state.rises();
        falls = state.falls();
        newest = state.newest();
    }

    /**
     * A change that was found.
     *
     * @param images predictions since the model's start, when it was found
     * @param before share of wrong predictions before it, in [0, 1]
     * @param after the same since then
     */
    public record Change(long images, double before, double after) {}

    /**
     * All there is to store.
     *
     * @param rises changes to more errors
     * @param falls changes to fewer errors
     * @param newest of both; null if there was none
     * @param window of predictions since then
     */
    public record State(long rises, long falls, Change newest, Adwin.Window window) {

        /** Nothing yet. */
        public static final State NONE = new State(0, 0, null, Adwin.Window.EMPTY);
    }

    /**
     * Counts a prediction.
     *
     * @param images predictions since the model's start, this one included
     * @return the change that it has led to be found, if it has
     */
    public Optional<Change> add(boolean wrong, long images) {
        Optional<Cut> cut = adwin == null ? Optional.empty() : adwin.add(wrong ? 1 : 0);
        if (cut.isEmpty()) {
            return Optional.empty();
        }
        adwin.clear();
        newest = new Change(images, cut.get().before(), cut.get().after());
        if (newest.after > newest.before) {
            rises++;
        } else {
            falls++;
        }
        return Optional.of(newest);
    }

    /** Changes to more errors since the model's start. */
    public long rises() {
        return rises;
    }

    /** Changes to fewer errors since the model's start. */
    public long falls() {
        return falls;
    }

    /** The newest change, if there was one. */
    public Optional<Change> newest() {
        return Optional.ofNullable(newest);
    }

    /** All there is to store. */
    public State state() {
        return new State(rises, falls, newest, adwin == null ? Adwin.Window.EMPTY : adwin.window());
    }
}
