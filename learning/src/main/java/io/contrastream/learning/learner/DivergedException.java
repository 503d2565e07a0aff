package io.contrastream.learning.learner;

/** Too many optimiser steps in a row had a loss, gradient, weight or embedding that was not finite. */
public final class DivergedException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public DivergedException(String message) {
        super(message);
    }
}
