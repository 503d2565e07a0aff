package io.contrastream.learning.prototype;

import java.util.ArrayList;
import java.util.List;

/**
 * Class prototypes: the mean of the unit embeddings of a class's images in memory, scaled to length 1 (nearest class mean with
 * cosine similarity). Classes are numbers from 0 upwards.
 *
 * <p>The mean is a running one. An embedding that comes pulls it by 1 / support; one that goes leaves it where it is, since
 * embeddings age with the encoder and the one that goes is no longer known. {@link #clear} and {@link #add} for every image in
 * memory make it exact again. The mean and its support are all there is to store.
 *
 * <p>A mean that must not be what it is any more, because one of its images is to be forgotten, is all zeros and <i>stale</i>: there is
 * no prototype until it has been made anew.
 */
public final class Prototypes {

    private final int size;
    private final List<ClassMean> means = new ArrayList<>();

    /**
     * No prototypes yet.
     *
     * @param size components of an embedding
     */
    public Prototypes(int size) {
        this.size = size;
    }

    /**
     * The nearest prototype of an embedding.
     *
     * @param label its class; of several equally near ones, the lowest
     * @param similarity cosine, in [-1, 1]
     */
    public record Nearest(int label, float similarity) {}

    /** Forgets all. */
    public void clear() {
        means.clear();
    }

    /** Forgets a class. */
    public void clear(int label) {
        of(label);
        means.set(label, new ClassMean(size));
    }

    /** Puts back what {@link #mean} and {@link #support} told of a class. */
    public void restore(int label, double[] mean, int support) {
        ClassMean restored = of(label);
        restored.mean = mean.clone();
        restored.support = support;
        restored.point();
    }

    /**
     * Counts in an image of the class: row {@code row} of {@code embeddings}, [n, size]. One that is not of length 1 is counted and
     * leaves the mean where it is, as every one does where the mean is stale.
     */
    public void add(int label, float[] embeddings, int row) {
        ClassMean grown = of(label);
        boolean stale = stale(label);
        grown.support++;
        if (stale || !UnitRows.isUnit(embeddings, row, size)) {
            return;
        }
        for (int k = 0; k < size; k++) {
            grown.mean[k] += (embeddings[row * size + k] - grown.mean[k]) / grown.support;
        }
        grown.point();
    }

    /** Counts out an image of the class, which loses its prototype with the last one. */
    public void remove(int label) {
        ClassMean shrunk = of(label);
        shrunk.support--;
        if (shrunk.support == 0) {
            means.set(label, new ClassMean(size));
        }
    }

    /** Counts out an image of the class that nothing is to be left of: unless it was the last one, the mean is stale. */
    public void forget(int label) {
        int left = support(label) - 1;
        clear(label);
        means.get(label).support = left;
    }

    /** Whether the class has images and no prototype, which is to be made anew. */
    public boolean stale(int label) {
        return support(label) > 0 && means.get(label).vector == null;
    }

    /** The prototype nearest to row {@code row} of {@code embeddings}, [n, size]; or null if there is none at all. */
    public Nearest nearest(float[] embeddings, int row) {
        int best = -1;
        double highest = Double.NEGATIVE_INFINITY;
        for (int label = 0; label < means.size(); label++) {
            float[] vector = means.get(label).vector;
            if (vector != null) {
                double similarity = 0;
                for (int k = 0; k < size; k++) {
                    similarity += vector[k] * embeddings[row * size + k];
                }
                if (similarity > highest) {
                    highest = similarity;
                    best = label;
                }
            }
        }
        return best < 0 ? null : new Nearest(best, (float) Math.max(-1, Math.min(1, highest)));
    }

    /** Images of the class that have been counted in and not out. */
    public int support(int label) {
        return label < means.size() ? means.get(label).support : 0;
    }

    /** Copy of the mean embedding of the class, not of unit length; zeros if it has no image. */
    public double[] mean(int label) {
        return label < means.size() ? means.get(label).mean.clone() : new double[size];
    }

    /** Copy of the prototype, of length 1; or null if the class has no image, its mean is stale, or its embeddings cancel out. */
    public float[] vector(int label) {
        float[] vector = label < means.size() ? means.get(label).vector : null;
        return vector == null ? null : vector.clone();
    }

    /**
     * Mean cosine similarity of the class's embeddings e to the prototype, in [0, 1]. With mean m this is the mean of
     * e · m / |m|, which is |m|.
     */
    public float dispersion(int label) {
        return (float) Math.min(1, length(means.get(label).mean));
    }

    private ClassMean of(int label) {
        while (means.size() <= label) {
            means.add(new ClassMean(size));
        }
        return means.get(label);
    }

    private static double length(double[] vector) {
        double squares = 0;
        for (double component : vector) {
            squares += component * component;
        }
        return Math.sqrt(squares);
    }

    private static final class ClassMean {
        private double[] mean;
        private int support;
        private float[] vector;

        ClassMean(int size) {
            mean = new double[size];
        }

        /** Makes the unit vector that points where the mean does. */
        void point() {
            double length = length(mean);
            vector = length > 0 && Double.isFinite(length) ? new float[mean.length] : null;
            for (int k = 0; k < mean.length && vector != null; k++) {
                vector[k] = (float) (mean[k] / length);
            }
        }
    }
}
