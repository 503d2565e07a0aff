package io.contrastream.learning.objective;

import java.util.List;
import java.util.Optional;

/** Function that an optimiser step minimises: a {@link Term}, or a {@link Sum} of some. */
public sealed interface Objective permits Term, Sum {

    /** Its terms; the loss is their sum. */
    List<Term> terms();

    /** The term that has the classifier. */
    default Optional<CrossEntropy> crossEntropy() {
        return terms().stream()
                .filter(CrossEntropy.class::isInstance)
                .map(CrossEntropy.class::cast)
                .findAny();
    }

    /** The term that has class vectors. */
    default Optional<Proxy> proxy() {
        return terms().stream()
                .filter(Proxy.class::isInstance)
                .map(Proxy.class::cast)
                .findAny();
    }

    /** The term that needs a teacher. */
    default Optional<Distill> distillation() {
        return terms().stream()
                .filter(Distill.class::isInstance)
                .map(Distill.class::cast)
                .findAny();
    }

    /**
     * Holds an objective to the encoder that is to minimise it.
     *
     * @param averages whether the encoder keeps averages of its arrays
     * @throws IllegalArgumentException if it distils, and the encoder has no averages or the objective no cross-entropy of the same output
     */
    default void requireTeacher(boolean averages) {
        distillation().ifPresent(distillation -> {
            if (!averages) {
                throw new IllegalArgumentException("distillation is from averages of the weights, but there are none");
            }
            if (crossEntropy()
                    .filter(term -> term.tap().equals(distillation.tap()))
                    .isEmpty()) {
                throw new IllegalArgumentException("distillation is of a classifier's answers, but there is no"
                        + " cross-entropy of the output " + distillation.tap());
            }
        });
    }
}
