package io.contrastream.learning.objective;

import java.util.Arrays;
import java.util.List;

/**
 * A sum of objectives.
 *
 * @param parts at least one
 */
public record Sum(List<Objective> parts) implements Objective {

    /** @throws IllegalArgumentException if there is none, or more than one cross-entropy or distillation: an encoder has one classifier */
    public Sum {
        parts = List.copyOf(parts);
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("a sum needs at least one part");
        }
        requireOne("cross-entropies", parts, CrossEntropy.class);
        requireOne("distillations", parts, Distill.class);
    }

    private static void requireOne(String what, List<Objective> parts, Class<? extends Term> kind) {
        long count = parts.stream()
                .flatMap(part -> part.terms().stream())
                .filter(kind::isInstance)
                .count();
        if (count > 1) {
            throw new IllegalArgumentException("an encoder has one classifier, but the sum has " + count + " " + what);
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
