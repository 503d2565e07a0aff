package io.contrastream.operators.learn.watch;

import io.contrastream.learning.learner.EmbeddingShift;
import io.contrastream.learning.learner.MiniBatchResult;
import io.contrastream.learning.learner.MiniBatchResult.Embedded;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Follows some images of memory from one re-encoding to the next, to tell how far the published embeddings have moved. An image that
 * memory has lost in between, or has another version of, is not followed any longer.
 */
public final class MemoryShift implements MiniBatchListener {

    /** Images that are followed at most: the neighbours among them are found by comparing each with each. */
    static final int PROBES = 200;

    /** The embeddings that were published last, by the image's id. */
    private final Map<String, float[]> published = new LinkedHashMap<>();

    /** At the newest re-encoding of memory; null if there was none before it. */
    private EmbeddingShift newest;

    /** At the newest re-encoding of memory; empty if there was none before it. */
    public Optional<EmbeddingShift> newest() {
        return Optional.ofNullable(newest);
    }

    @Override
    public void learned(MiniBatchResult result, long nanos) {
        result.learned().forEach(learned -> published.remove(learned.example().id()));
        if (!result.refreshed().isEmpty()) {
            newest = to(result.refreshed());
        }
    }

    @Override
    public void forgotten(String id, boolean wasThere) {
        published.remove(id);
    }

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
            float[] earlier = published.get(image.example().id());
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
        published.clear();
        int probes = Math.min(PROBES, memory.size());
        for (int i = 0; i < probes; i++) {
            Embedded image = memory.get((int) ((long) i * memory.size() / probes));
            published.put(image.example().id(), image.embedding());
        }
    }

    void write(DataOutput out) throws IOException {
        out.writeBoolean(newest != null);
        out.writeDouble(newest == null ? Double.NaN : newest.cosine());
        out.writeDouble(newest == null ? Double.NaN : newest.neighbourOverlap());
        out.writeInt(published.size());
        for (Map.Entry<String, float[]> image : published.entrySet()) {
            out.writeUTF(image.getKey());
            out.writeInt(image.getValue().length);
            for (float component : image.getValue()) {
                out.writeFloat(component);
            }
        }
    }

    /** Takes over what another one has written. */
    void read(DataInput in) throws IOException {
        boolean shifted = in.readBoolean();
        EmbeddingShift stored = new EmbeddingShift(in.readDouble(), in.readDouble());
        newest = shifted ? stored : null;
        published.clear();
        for (int left = in.readInt(); left > 0; left--) {
            String id = in.readUTF();
            float[] embedding = new float[in.readInt()];
            for (int k = 0; k < embedding.length; k++) {
                embedding[k] = in.readFloat();
            }
            published.put(id, embedding);
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
