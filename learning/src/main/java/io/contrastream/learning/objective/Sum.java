package io.contrastream.learning.objective;

import java.util.Arrays;
import java.util.List;

/**
 * A sum of objectives.
 *
 * @param parts at least one
 */
public record Sum(List<Objective> parts) implements Objective {

    /**
     * @throws IllegalArgumentException if there is none, or more than one cross-entropy, distillation or proxy loss: an encoder has one
     *     classifier and one set of class vectors
     */
    public Sum {
        parts = List.copyOf(parts);
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("a sum needs at least one part");
        }
        requireOne("one classifier", "cross-entropies", parts, CrossEntropy.class);
        requireOne("one classifier", "distillations", parts, Distill.class);
        requireOne("one set of class vectors", "proxy losses", parts, Proxy.class);
    }

    private static void requireOne(String has, String what, List<Objective> parts, Class<? extends Term> kind) {
        long count = parts.stream()
                .flatMap(part -> part.terms().stream())
                .filter(kind::isInstance)
                .count();
        if (count > 1) {
            throw new IllegalArgumentException("an encoder has " + has + ", but the sum has " + count + " " + what);
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
