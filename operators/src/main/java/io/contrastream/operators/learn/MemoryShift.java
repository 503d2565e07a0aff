package io.contrastream.operators.learn;

import io.contrastream.learning.learner.EmbeddingShift;
import io.contrastream.learning.learner.Example;
import io.contrastream.learning.learner.MiniBatchResult.Embedded;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * Follows some images of memory from one re-encoding to the next, to tell how far the published embeddings have moved. Not part of the
 * state: after a restore it starts anew.
 */
final class MemoryShift {

    /** Images that are followed at most: the neighbours among them are found by comparing each with each. */
    static final int PROBES = 200;

    /** The embeddings that were published last, by the image itself. */
    private IdentityHashMap<Example, float[]> published = new IdentityHashMap<>();

    /**
     * Takes over the embeddings of a re-encoding.
     *
     * @return the way from those of the previous one, of the images that were followed then and are here again; null if those are
     *     fewer than two
     */
    EmbeddingShift to(List<Embedded> memory) {
        List<float[]> before = new ArrayList<>();
        List<float[]> after = new ArrayList<>();
        for (Embedded image : memory) {
            float[] earlier = published.get(image.example());
            if (earlier != null) {
                before.add(earlier);
                after.add(image.embedding());
            }
        }
        follow(memory);
        return before.size() < 2 ? null : EmbeddingShift.between(rows(before), rows(after), before.get(0).length);
    }

    /** All images, or as many as are followed, evenly spread over memory. */
    private void follow(List<Embedded> memory) {
        published = new IdentityHashMap<>();
        int probes = Math.min(PROBES, memory.size());
        for (int i = 0; i < probes; i++) {
            Embedded image = memory.get((int) ((long) i * memory.size() / probes));
            published.put(image.example(), image.embedding());
        }
    }

    private static float[] rows(List<float[]> embeddings) {
        int dimensions = embeddings.get(0).length;
        float[] rows = new float[embeddings.size() * dimensions]; // [N, D]
        for (int i = 0; i < embeddings.size(); i++) {
            System.arraycopy(embeddings.get(i), 0, rows, i * dimensions, dimensions);
        }
        return rows;
    }
}
