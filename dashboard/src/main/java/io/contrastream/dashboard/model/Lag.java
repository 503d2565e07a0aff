package io.contrastream.dashboard.model;

import java.util.List;
import java.util.OptionalLong;

/**
 * How far the jobs are behind their topics, and who learns.
 *
 * @param imagesWaiting labelled images behind what the learning job has committed, which it does at every checkpoint; empty if unknown
 * @param queriesWaiting the same of the embedding job's queries
 * @param learners that are at work now, as they call themselves
 */
public record Lag(OptionalLong imagesWaiting, OptionalLong queriesWaiting, List<String> learners) {

    /** Nothing is known yet. */
    public static final Lag UNKNOWN = new Lag(OptionalLong.empty(), OptionalLong.empty(), List.of());

    public Lag {
        learners = List.copyOf(learners);
    }
}
