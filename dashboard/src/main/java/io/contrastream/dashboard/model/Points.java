package io.contrastream.dashboard.model;

import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;

/**
 * The newest embeddings, one an image, each in a slot that it keeps: at most a given number, and at most {@value #MOST_FLOATS} numbers. When there
 * is no room the image goes whose embedding is oldest. Not thread-safe.
 */
final class Points {

    /** Of all vectors together: 128 MiB. */
    static final int MOST_FLOATS = 32 << 20;

    private static final int MOST_HISTORY = 12;

    private final int most;
    private final Labels labels;
    /** Oldest embedding first. */
    private final Map<String, Integer> slots = new LinkedHashMap<>();

    private final Deque<Integer> free = new ArrayDeque<>();
    private final BitSet changed = new BitSet();
    private Point[] points = new Point[0];
    private int dimension;

    /** One image: its newest vector, its labels and their history. */
    static final class Point {
        private final String id;
        private final Deque<Said> history = new ArrayDeque<>();
        private float[] vector;
        private int label;
        /** Where it was told to be; null if it has not been. */
        private double[] place;

        private Point(String id) {
            this.id = id;
        }

        String id() {
            return id;
        }

        /** Not to be written to. */
        float[] vector() {
            return vector;
        }

        /** The newest first. */
        List<Said> history() {
            return List.copyOf(history);
        }

        Said newest() {
            return history.getFirst();
        }

        /** Number of its class: of its label, or of the nearest one if it came without. */
        int label() {
            return label;
        }

        double[] place() {
            return place;
        }

        void placed(double[] at) {
            place = at;
        }
    }

    /**
     * Content of a record of {@code embeddings} about an image.
     *
     * @param label that it came with; null for a query
     * @param nearest the nearest prototype's label; null while there was none
     * @param similarity to that prototype
     */
    record Said(
            long atMillis,
            long version,
            EmbeddingOrigin origin,
            String label,
            String nearest,
            Float similarity,
            Boolean unknown) {

        /** Whether both say the same of the image, under whichever version. */
        private boolean same(Said other) {
            return origin == other.origin
                    && Objects.equals(label, other.label)
                    && Objects.equals(nearest, other.nearest)
                    && Objects.equals(unknown, other.unknown);
        }
    }

    /** @param most images, at least 1 */
    Points(int most, Labels labels) {
        this.most = most;
        this.labels = labels;
    }

    /** Takes an embedding in. Vectors of another dimension are of another encoder: what was there before them goes. */
    void add(Embedding embedding) {
        float[] vector = floats(embedding.getVector());
        if (vector.length < 2) {
            return;
        }
        if (vector.length != dimension) {
            clear(vector.length);
        }
        Integer slot = slots.remove(embedding.getId());
        if (slot == null) {
            slot = take();
            points[slot] = new Point(embedding.getId());
        }
        slots.put(embedding.getId(), slot);
        Point point = points[slot];
        point.vector = vector;
        String shown = embedding.getLabel() != null ? embedding.getLabel() : embedding.getNearestLabel();
        point.label = shown == null ? -1 : labels.number(shown);
        Said said = new Said(
                embedding.getEmbeddedAt().toEpochMilli(),
                embedding.getEncoderVersion(),
                embedding.getOrigin(),
                labels.shared(embedding.getLabel()),
                labels.shared(embedding.getNearestLabel()),
                embedding.getNearestSimilarity(),
                embedding.getUnknown());
        // Of re-encodings that say the same, the newest.
        if (!point.history.isEmpty() && point.newest().same(said)) {
            point.history.removeFirst();
        } else if (point.history.size() == MOST_HISTORY) {
            point.history.removeLast();
        }
        point.history.addFirst(said);
        changed.set(slot);
    }

    /** The image is to be forgotten. */
    void remove(String id) {
        Integer slot = slots.remove(id);
        if (slot != null) {
            points[slot] = null;
            free.addLast(slot);
            changed.set(slot);
        }
    }

    private void clear(int dimension) {
        this.dimension = dimension;
        slots.clear();
        free.clear();
        changed.set(0, points.length);
        points = new Point[Math.max(1, Math.min(most, MOST_FLOATS / dimension))];
        for (int slot = 0; slot < points.length; slot++) {
            free.addLast(slot);
        }
    }

    private int take() {
        Integer slot = free.pollFirst();
        if (slot != null) {
            return slot;
        }
        Iterator<Map.Entry<String, Integer>> oldest = slots.entrySet().iterator();
        slot = oldest.next().getValue();
        oldest.remove();
        return slot;
    }

    private static float[] floats(List<Float> values) {
        float[] floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values.get(i);
        }
        return floats;
    }

    /** Components of a vector; 0 while there is none. */
    int dimension() {
        return dimension;
    }

    int size() {
        return slots.size();
    }

    /** The number of slots: all are below. */
    int capacity() {
        return points.length;
    }

    /** The image in a slot; null if there is none. */
    Point at(int slot) {
        return slot >= 0 && slot < points.length ? points[slot] : null;
    }

    /** The slot of an image; −1 if it is not there. */
    int slot(String id) {
        return slots.getOrDefault(id, -1);
    }

    /** The slots of the newest embeddings, newest first. */
    List<Integer> newest(int count) {
        List<Integer> all = new ArrayList<>(slots.values());
        List<Integer> newest = new ArrayList<>();
        for (int i = all.size() - 1; i >= Math.max(0, all.size() - count); i--) {
            newest.add(all.get(i));
        }
        return newest;
    }

    /** Slots whose image has another embedding, label or none since they were told of. */
    BitSet changed() {
        return changed;
    }

    /**
     * The images whose vectors are nearest to that of a slot.
     *
     * @return nearest first, without itself
     */
    List<Neighbour> nearest(int slot, int count) {
        PriorityQueue<Neighbour> farthestFirst = new PriorityQueue<>();
        float[] vector = points[slot].vector;
        for (int other : slots.values()) {
            if (other != slot) {
                farthestFirst.add(new Neighbour(other, dot(vector, points[other].vector)));
                if (farthestFirst.size() > count) {
                    farthestFirst.remove();
                }
            }
        }
        List<Neighbour> nearest = new ArrayList<>();
        while (!farthestFirst.isEmpty()) {
            nearest.add(0, farthestFirst.remove());
        }
        return nearest;
    }

    /** A near image. Ordered by similarity. */
    record Neighbour(int slot, double similarity) implements Comparable<Neighbour> {
        @Override
        public int compareTo(Neighbour other) {
            return Double.compare(similarity, other.similarity);
        }
    }

    static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
