package io.contrastream.benchmarks.continual;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.image.Pixels;
import io.contrastream.learning.learner.Example;
import io.contrastream.learning.learner.Learner;
import io.contrastream.learning.prototype.Prototypes;
import io.contrastream.learning.prototype.Prototypes.Nearest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Nearest class mean with cosine similarity: an image is said to be of the class to whose mean embedding, over the images in a
 * learner's memory, its own is nearest. A class without images in memory is never named. Of use until the encoder learns on.
 */
final class MemoryClassifier {

    /** Most values that are handed to the encoder at a time: 16 MiB of floats. */
    private static final int EMBEDDED_VALUES = 1 << 22;

    private final Encoder encoder;
    private final List<String> labels = new ArrayList<>();
    private final Prototypes means;

    /** Embeds all that is in memory now. */
    MemoryClassifier(Learner learner, Encoder encoder) {
        this(
                IntStream.range(0, learner.replaySize())
                        .mapToObj(learner::replaySlot)
                        .toList(),
                encoder);
    }

    /** Embeds what stands for the classes. */
    MemoryClassifier(List<Example> memory, Encoder encoder) {
        this.encoder = encoder;
        means = new Prototypes(encoder.spec().embeddingSize());
        float[] embeddings = embed(memory); // [M, D]
        for (int i = 0; i < memory.size(); i++) {
            String label = memory.get(i).label();
            if (!labels.contains(label)) {
                labels.add(label);
            }
            means.add(labels.indexOf(label), embeddings, i);
        }
    }

    /** How many of the images it says are of the class; their embeddings are [N, D], as {@link #embed} makes them. */
    int said(String label, float[] embeddings) {
        return (int) said(embeddings).stream()
                .filter(said -> said.equals(Optional.of(label)))
                .count();
    }

    /** The class of every image, or nothing if there is none at all; their embeddings are [N, D]. */
    List<Optional<String>> said(float[] embeddings) {
        return IntStream.range(0, rows(embeddings))
                .mapToObj(i -> Optional.ofNullable(means.nearest(embeddings, i))
                        .map(Nearest::label)
                        .map(labels::get))
                .toList();
    }

    /** Of how many of the images the class is among the {@code k} nearest; their embeddings are [N, D]. */
    int amongNearest(int k, String label, float[] embeddings) {
        int number = labels.indexOf(label);
        float[] own = number < 0 ? null : means.vector(number);
        if (own == null) {
            return 0;
        }
        List<float[]> others = IntStream.range(0, labels.size())
                .filter(other -> other != number)
                .mapToObj(means::vector)
                .filter(vector -> vector != null)
                .toList();
        return (int) IntStream.range(0, rows(embeddings))
                .filter(i -> {
                    double similarity = similarity(own, embeddings, i);
                    return others.stream()
                                    .filter(other -> similarity(other, embeddings, i) > similarity)
                                    .count()
                            < k;
                })
                .count();
    }

    private static double similarity(float[] vector, float[] embeddings, int row) {
        double sum = 0;
        for (int d = 0; d < vector.length; d++) {
            sum += vector[d] * embeddings[row * vector.length + d];
        }
        return sum;
    }

    private int rows(float[] embeddings) {
        return embeddings.length / encoder.spec().embeddingSize();
    }

    /** [N, D], rows of length 1. */
    float[] embed(List<Example> images) {
        int values = encoder.spec().input().size();
        int dimensions = encoder.spec().embeddingSize();
        int chunk = Math.max(1, EMBEDDED_VALUES / values);
        float[] embeddings = new float[images.size() * dimensions];
        for (int first = 0; first < images.size(); first += chunk) {
            int n = Math.min(chunk, images.size() - first);
            float[] pixels = new float[n * values]; // [n, C, H, W]
            for (int i = 0; i < n; i++) {
                Pixels.toUnit(images.get(first + i).pixels(), pixels, i * values);
            }
            System.arraycopy(encoder.embed(pixels, n), 0, embeddings, first * dimensions, n * dimensions);
        }
        return embeddings;
    }
}
