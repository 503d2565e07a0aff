package io.contrastream.learning.drift;

import java.util.List;

/**
 * Moves embeddings along with the encoder: semantic drift compensation (Yu et al. 2020, arXiv 2004.00440). The way that an embedding would
 * have gone from one version of the encoder to another is the mean of the ways of images that have been embedded by both, which weigh the
 * more, the nearer they were:
 *
 * <pre>
 * e' = e + Σ w_i (after_i − before_i) / Σ w_i,   w_i = exp(−|e − before_i|² / 2σ²)
 * </pre>
 *
 * <p>scaled to length 1 again.
 */
final class Compensation {

    /** σ, of rows of length 1: that of the paper. */
    private static final double WIDTH = 0.3;

    private final List<float[]> before;
    private final List<float[]> after;

    /**
     * By images that have been embedded by both versions.
     *
     * @param before rows of length 1, at least one
     * @param after of the same images
     */
    Compensation(List<float[]> before, List<float[]> after) {
        this.before = before;
        this.after = after;
    }

    /**
     * The embedding under the later version.
     *
     * @param share of the way that it has still to go, in [0, 1]
     */
    float[] moved(float[] embedding, double share) {
        double[] exponents = new double[before.size()];
        double largest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < exponents.length; i++) {
            exponents[i] = (dot(embedding, before.get(i)) - 1) / (WIDTH * WIDTH);
            largest = Math.max(largest, exponents[i]);
        }
        double[] way = new double[embedding.length];
        double weights = 0;
        for (int i = 0; i < exponents.length; i++) {
            // Less the largest, so that there is one that is not 0, however far all of them are.
            double weight = StrictMath.exp(exponents[i] - largest);
            weights += weight;
            for (int k = 0; k < way.length; k++) {
                way[k] += weight * (after.get(i)[k] - before.get(i)[k]);
            }
        }
        double squares = 0;
        for (int k = 0; k < way.length; k++) {
            way[k] = embedding[k] + share * way[k] / weights;
            squares += way[k] * way[k];
        }
        double length = Math.sqrt(squares);
        if (!(length > 0)) {
            return embedding;
        }
        float[] moved = new float[way.length];
        for (int k = 0; k < way.length; k++) {
            moved[k] = (float) (way[k] / length);
        }
        return moved;
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int k = 0; k < a.length; k++) {
            sum += (double) a[k] * b[k];
        }
        return sum;
    }
}
