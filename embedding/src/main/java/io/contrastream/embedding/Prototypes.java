package io.contrastream.embedding;

import io.contrastream.schemas.ClassPrototype;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Prototypes of a release, to find the nearest of an embedding. Immutable. */
final class Prototypes {

    private final String[] labels;
    private final float[] vectors; // [C, D]
    private final int size;
    private final Strangeness strangeness;

    /**
     * Takes them over.
     *
     * @param size components of an embedding, D
     * @throws IllegalArgumentException if one has another number of components, or one that is not finite
     */
    Prototypes(List<ClassPrototype> prototypes, int size) {
        this.size = size;
        labels = new String[prototypes.size()];
        vectors = new float[prototypes.size() * size];
        for (int c = 0; c < labels.length; c++) {
            ClassPrototype prototype = prototypes.get(c);
            labels[c] = prototype.getLabel();
            List<Float> vector = prototype.getVector();
            if (vector.size() != size) {
                throw new IllegalArgumentException("the prototype of '" + labels[c] + "' has " + vector.size()
                        + " components, but embeddings have " + size);
            }
            for (int k = 0; k < size; k++) {
                vectors[c * size + k] = vector.get(k);
                if (!Float.isFinite(vector.get(k))) {
                    throw new IllegalArgumentException(
                            "the prototype of '" + labels[c] + "' has a component that is " + vector.get(k));
                }
            }
        }
        strangeness = new Strangeness(IntStream.range(0, labels.length)
                .mapToObj(c -> Arrays.copyOfRange(vectors, c * size, (c + 1) * size))
                .toList());
    }

    /** The one with the largest cosine similarity to a unit row of {@code embeddings}, which begins at {@code offset}; null if there is none. */
    Nearest nearest(float[] embeddings, int offset) {
        int nearest = -1;
        float highest = Float.NEGATIVE_INFINITY;
        for (int c = 0; c < labels.length; c++) {
            float similarity = 0;
            for (int k = 0; k < size; k++) {
                similarity += vectors[c * size + k] * embeddings[offset + k];
            }
            if (similarity > highest) {
                highest = similarity;
                nearest = c;
            }
        }
        if (nearest < 0) {
            return null;
        }
        float similarity = Math.max(-1, Math.min(1, highest));
        return new Nearest(labels[nearest], similarity, strangeness.of(embeddings, offset, similarity));
    }
}
