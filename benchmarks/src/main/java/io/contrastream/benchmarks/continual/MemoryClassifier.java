package io.contrastream.benchmarks.continual;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.image.Pixels;
import io.contrastream.learning.learner.Example;
import io.contrastream.learning.learner.Learner;
import io.contrastream.learning.prototype.Prototypes;
import io.contrastream.learning.prototype.Prototypes.Nearest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Nearest class mean with cosine similarity: an image is said to be of the class to whose mean embedding, over the images in a
 * learner's memory, its own is nearest. A class without images in memory is never named. Of use until the encoder learns on.
 */
final class MemoryClassifier {

    /** Most values that are handed to the encoder at a time: 16 MiB of floats. */
    private static final int EMBEDDED_VALUES = 1 << 22;

    private final Encoder encoder;
    private final Map<String, Integer> numbers = new HashMap<>();
    private final Prototypes means;

    /** Embeds all that is in memory now. */
    MemoryClassifier(Learner learner, Encoder encoder) {
        this.encoder = encoder;
        means = new Prototypes(encoder.spec().embeddingSize());
        List<Example> memory = IntStream.range(0, learner.replaySize())
                .mapToObj(learner::replaySlot)
                .toList();
        float[] embeddings = embed(memory); // [M, D]
        for (int i = 0; i < memory.size(); i++) {
            int number = numbers.computeIfAbsent(memory.get(i).label(), unknown -> numbers.size());
            means.add(number, embeddings, i);
        }
    }

    /**
     * How many of the images it says are of the class.
     *
     * @param embeddings [N, D], as {@link #embed} makes them
     */
    int said(String label, float[] embeddings) {
        Integer number = numbers.get(label);
        return (int) IntStream.range(0, embeddings.length / encoder.spec().embeddingSize())
                .filter(i -> {
                    Nearest nearest = means.nearest(embeddings, i);
                    return number != null && nearest != null && nearest.label() == number;
                })
                .count();
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
