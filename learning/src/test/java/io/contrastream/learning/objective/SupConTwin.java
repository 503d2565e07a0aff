package io.contrastream.learning.objective;

import io.contrastream.learning.objective.SupCon.Variant;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/** {@link SupCon} in double precision: what engines are held against, made for reading, not for speed. */
public record SupConTwin(Variant variant, double temperature) {

    /**
     * A loss and its derivative.
     *
     * @param loss at least 0; 0 if no row has a positive
     * @param gradient [N, P], the derivative of the loss with respect to the projections as free variables
     */
    public record Value(double loss, double[][] gradient) {}

    /**
     * Value and gradient of rows with one label each.
     *
     * @param z [N, P] projections, used as they are: callers normalise
     * @param labels [N]; equal numbers are equal classes
     * @throws IllegalArgumentException if the numbers of rows differ
     */
    public Value of(double[][] z, int[] labels) {
        return of(z, Twins.sets(labels));
    }

    /**
     * Value and gradient.
     *
     * @param z [N, P] projections, used as they are: callers normalise
     * @param labels of each row; positives are rows that share one
     * @throws IllegalArgumentException if the numbers of rows differ
     */
    public Value of(double[][] z, List<Set<Integer>> labels) {
        if (z.length != labels.size()) {
            throw new IllegalArgumentException(z.length + " projections, but " + labels.size() + " labels");
        }
        int n = z.length;
        int anchors = 0;
        double sum = 0;
        double[][] slopes = new double[n][]; // [N, N]: d(sum) / d s(i, j), null for an anchor without positives
        for (int i = 0; i < n; i++) {
            int positives = positives(labels, i);
            if (positives > 0) {
                double[] similarities = similarities(z, i);
                slopes[i] = new double[n];
                sum += anchor(i, similarities, labels, positives, slopes[i]);
                anchors++;
            }
        }
        double[][] gradient = new double[n][n == 0 ? 0 : z[0].length];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n && slopes[i] != null; j++) {
                double slope = slopes[i][j] / (anchors * temperature);
                for (int k = 0; k < z[i].length; k++) {
                    gradient[i][k] += slope * z[j][k];
                    gradient[j][k] += slope * z[i][k];
                }
            }
        }
        return new Value(anchors == 0 ? 0 : sum / anchors, gradient);
    }

    /** Loss of one anchor; fills in its derivative with respect to its similarities. */
    private double anchor(int i, double[] similarities, List<Set<Integer>> labels, int positives, double[] slope) {
        double maximum = Double.NEGATIVE_INFINITY;
        double positiveMaximum = Double.NEGATIVE_INFINITY; // their own, or all of them may vanish beside the others'
        for (int j = 0; j < labels.size(); j++) {
            if (j != i) {
                maximum = Math.max(maximum, similarities[j]);
                positiveMaximum = shared(labels, i, j) ? Math.max(positiveMaximum, similarities[j]) : positiveMaximum;
            }
        }
        double all = 0; // Σ exp(s − maximum)
        double same = 0; // Σ exp(s − positiveMaximum) over the positives
        double positiveSum = 0; // Σ (s − maximum) over the positives
        for (int j = 0; j < labels.size(); j++) {
            if (j != i) {
                all += Math.exp(similarities[j] - maximum);
                if (shared(labels, i, j)) {
                    same += Math.exp(similarities[j] - positiveMaximum);
                    positiveSum += similarities[j] - maximum;
                }
            }
        }
        for (int j = 0; j < labels.size(); j++) {
            if (j != i) {
                slope[j] = Math.exp(similarities[j] - maximum) / all;
                if (shared(labels, i, j)) {
                    slope[j] -= variant == Variant.OUT
                            ? 1.0 / positives
                            : Math.exp(similarities[j] - positiveMaximum) / same;
                }
            }
        }
        return variant == Variant.OUT
                ? Math.log(all) - positiveSum / positives
                : Math.log(all) + maximum - Math.log(same / positives) - positiveMaximum;
    }

    private static boolean shared(List<Set<Integer>> labels, int i, int j) {
        return !Collections.disjoint(labels.get(i), labels.get(j));
    }

    private static int positives(List<Set<Integer>> labels, int i) {
        int count = -1; // the anchor is not its own positive
        for (int j = 0; j < labels.size(); j++) {
            count += shared(labels, i, j) ? 1 : 0;
        }
        return count;
    }

    private double[] similarities(double[][] z, int i) {
        double[] similarities = new double[z.length];
        for (int j = 0; j < z.length; j++) {
            for (int k = 0; k < z[i].length; k++) {
                similarities[j] += z[i][k] * z[j][k] / temperature;
            }
        }
        return similarities;
    }
}
