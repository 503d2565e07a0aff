package io.contrastream.learning.objective;

import java.util.List;

/** What an optimiser step minimises: a {@link Term}, or a {@link Sum} of some. */
public sealed interface Objective permits Term, Sum {

    /** Its terms; the loss is their sum. */
    List<Term> terms();
}
