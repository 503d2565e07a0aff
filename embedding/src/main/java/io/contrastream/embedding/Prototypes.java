package io.contrastream.embedding;

import io.contrastream.schemas.ClassPrototype;
import java.util.ArrayList;
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

    /**
     * Those with the largest cosine similarities to a unit row of {@code embeddings}, which begins at {@code offset}. Of prototypes that are
     * equally similar, the first in the release comes first.
     *
     * @param most how many, at least 1; fewer where there are fewer
     * @return null if there is none
     */
    Nearest nearest(float[] embeddings, int offset, int most) {
        int[] nearest = new int[Math.min(most, labels.length)];
        float[] highest = new float[nearest.length]; // descending
        int found = 0;
        for (int c = 0; c < labels.length; c++) {
            float similarity = 0;
            for (int k = 0; k < size; k++) {
                similarity += vectors[c * size + k] * embeddings[offset + k];
            }
            if (Float.isNaN(similarity) || (found == highest.length && !(similarity > highest[found - 1]))) {
                continue;
            }
            int place = found == highest.length ? found - 1 : found++;
            for (; place > 0 && similarity > highest[place - 1]; place--) {
                highest[place] = highest[place - 1];
                nearest[place] = nearest[place - 1];
            }
            highest[place] = similarity;
            nearest[place] = c;
        }
        if (found == 0) {
            return null;
        }
        List<Nearest.Similar> similar = new ArrayList<>(found);
        for (int i = 0; i < found; i++) {
            similar.add(new Nearest.Similar(labels[nearest[i]], Math.max(-1, Math.min(1, highest[i]))));
        }
        return new Nearest(
                similar, strangeness.of(embeddings, offset, similar.get(0).similarity()));
    }
}
