package io.contrastream.embedding;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How strange an image is to the classes that are known, from their prototypes p_c and the image's embedding z, both of length 1:
 *
 * <p>1 − max_c p_c · z + 2 (1 − ‖Πz‖²)
 *
 * <p>Π is the orthogonal projection on what the prototypes span. An encoder that has learned few classes puts everything close to one of
 * their prototypes; what images of other classes have and they have not lies across. With as many classes as an embedding has
 * components, which span everything, the similarity alone is left.
 *
 * <p>The threshold for a rate of false alarms α is that of split conformal prediction (Vovk et al. 2005): of n images of known classes on
 * which nothing was trained, the ⌈(n + 1)(1 − α)⌉-th smallest strangeness. Another image of a known class is above it with a probability of
 * at most α.
 */
public final class Strangeness {

    private static final double WEIGHT_OUTSIDE = 2;
    /** A prototype that is so close to what the others span adds nothing but rounding. */
    private static final double LEAST_LENGTH = 1e-3;

    private final List<double[]> basis = new ArrayList<>(); // orthonormal, each [D]

    /** @param prototypes each [D], of length 1 */
    public Strangeness(List<float[]> prototypes) {
        for (float[] prototype : prototypes) {
            double[] left = new double[prototype.length]; // [D]
            Arrays.setAll(left, k -> prototype[k]);
            // Once more: the first time leaves what rounding has let through.
            takeOut(left);
            takeOut(left);
            double length = Math.sqrt(squared(left));
            if (length > LEAST_LENGTH) {
                Arrays.setAll(left, k -> left[k] / length);
                basis.add(left);
            }
        }
    }

    /** Takes its part along the basis out of a vector. */
    private void takeOut(double[] vector) {
        for (double[] direction : basis) {
            double along = 0;
            for (int k = 0; k < vector.length; k++) {
                along += direction[k] * vector[k];
            }
            for (int k = 0; k < vector.length; k++) {
                vector[k] -= along * direction[k];
            }
        }
    }

    private static double squared(double[] vector) {
        double sum = 0;
        for (double component : vector) {
            sum += component * component;
        }
        return sum;
    }

    /**
     * That of an image.
     *
     * @param embeddings rows of length 1
     * @param offset where that of the image begins
     * @param similarity to the nearest prototype
     */
    public double of(float[] embeddings, int offset, double similarity) {
        double inside = 0;
        for (double[] direction : basis) {
            double along = 0;
            for (int k = 0; k < direction.length; k++) {
                along += direction[k] * embeddings[offset + k];
            }
            inside += along * along;
        }
        return 1 - similarity + WEIGHT_OUTSIDE * Math.max(0, 1 - inside);
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
