package io.contrastream.embedding;

import java.util.Arrays;

/**
 * How strange an image is to the class of its nearest prototype: its distance to the prototype, in units of the class's own spread.
 *
 * <pre>
 * strangeness = (1 − s) / spread(c)
 * spread(c)   = (n(c) · (1 − d(c)) + λ · m) / (n(c) + λ)
 * </pre>
 *
 * with the cosine similarity s to the prototype of class c, which has n(c) images of memory behind it and the dispersion d(c), their mean
 * similarity to it; m is the mean of 1 − d over all classes, and λ says how many images it is worth: a class of few images has hardly a
 * spread of its own.
 *
 * <p>The threshold for a rate of false alarms α is that of split conformal prediction (Vovk et al. 2005): of n images of known classes on
 * which nothing was trained, the ⌈(n + 1)(1 − α)⌉-th smallest strangeness. Another image of a known class is above it with a probability of
 * at most α.
 */
public final class Strangeness {

    private static final double PRIOR_IMAGES = 5;
    /** What two images of one class differ by at least, in cosine similarity: a class that has collapsed has no spread. */
    private static final double LEAST_SPREAD = 1e-4;

    private final double[] spreads; // [C]

    /**
     * Of some classes.
     *
     * @param support images behind each prototype, at least 1
     * @param dispersion their mean cosine similarity to it
     */
    public Strangeness(int[] support, float[] dispersion) {
        double mean = 0;
        for (float similarity : dispersion) {
            mean += (1 - similarity) / dispersion.length;
        }
        spreads = new double[support.length];
        for (int c = 0; c < spreads.length; c++) {
            double own = support[c] * (1.0 - dispersion[c]);
            spreads[c] = Math.max(LEAST_SPREAD, (own + PRIOR_IMAGES * mean) / (support[c] + PRIOR_IMAGES));
        }
    }

    /** That of an image with the given similarity to the prototype of a class. */
    public double of(int nearest, double similarity) {
        return (1 - similarity) / spreads[nearest];
    }

    /**
     * The strangeness above which an image is of no known class.
     *
     * @param known strangeness of images of known classes, in any order
     * @param falseAlarmRate in (0, 1)
     * @return infinite if there are too few images for so small a rate
     */
    public static double threshold(double[] known, double falseAlarmRate) {
        double[] sorted = known.clone();
        Arrays.sort(sorted);
        int rank = (int) Math.ceil((sorted.length + 1) * (1 - falseAlarmRate));
        return rank > sorted.length ? Double.POSITIVE_INFINITY : sorted[Math.max(0, rank - 1)];
    }
}
