package io.contrastream.learning.objective;

import java.util.Arrays;
import java.util.List;

/**
 * A sum of objectives.
 *
 * @param parts at least one
 */
public record Sum(List<Objective> parts) implements Objective {

    /** @throws IllegalArgumentException if there is none, or more than one cross-entropy: an encoder has one classifier */
    public Sum {
        parts = List.copyOf(parts);
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("a sum needs at least one part");
        }
        long classifiers = parts.stream()
                .flatMap(part -> part.terms().stream())
                .filter(CrossEntropy.class::isInstance)
                .count();
        if (classifiers > 1) {
            throw new IllegalArgumentException(
                    "an encoder has one classifier, but the sum has " + classifiers + " cross-entropies");
        }
    }

    public static Sum of(Objective... parts) {
        return new Sum(Arrays.asList(parts));
    }

    @Override
    public List<Term> terms() {
        return parts.stream().flatMap(part -> part.terms().stream()).toList();
    }
}
