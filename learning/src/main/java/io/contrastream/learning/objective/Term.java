package io.contrastream.learning.objective;

import java.util.List;

/** A loss of one of a network's outputs. */
public sealed interface Term extends Objective permits SupCon, CrossEntropy, Distill, Proxy {

    /** The output that it looks at: a key of {@code Network.outputs()}. */
    String tap();

    /** Calls the visitor's method for this kind of term. */
    <R> R accept(Visitor<R> visitor);

    @Override
    default List<Term> terms() {
        return List.of(this);
    }

    /**
     * One method a kind of term.
     *
     * @param <R> result
     */
    interface Visitor<R> {
        R supCon(SupCon term);

        R crossEntropy(CrossEntropy term);

        R distill(Distill term);

        R proxy(Proxy term);
    }
}
