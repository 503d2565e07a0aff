package io.contrastream.learning.objective;

import java.util.List;
import java.util.Set;

/**
 * {@link Proxy} in double precision: what engines are held against, made for reading, not for speed.
 *
 * @param temperature τ
 * @param weight w of the loss
 */
public record ProxyTwin(double temperature, double weight) {

    /**
     * A loss and its derivatives.
     *
     * @param ofRows with respect to the unit rows, [N, D]
     * @param ofVectors with respect to the class vectors as they are, [K, D]
     */
    public record Value(double loss, double[][] ofRows, double[][] ofVectors) {}

    /**
     * Value and gradients, of rows with one label each.
     *
     * @param z unit rows, [N, D]
     * @param labels [N], below K; below 0 for a row without
     * @param vectors of the classes, of any length, [K, D]
     */
    public Value of(double[][] z, int[] labels, double[][] vectors) {
        return of(z, Twins.sets(labels), vectors);
    }

    /**
     * Value and gradients.
     *
     * @param given the labels of each row
     */
    public Value of(double[][] z, List<Set<Integer>> given, double[][] vectors) {
        int[] labels = given.stream()
                .filter(Twins::labelled)
                .flatMap(Set::stream)
                .mapToInt(label -> label)
                .toArray();
        long labelled = Twins.labelled(given);
        int features = vectors[0].length;
        double[][] ofRows = new double[z.length][features];
        double[][] ofVectors = new double[vectors.length][features];
        double loss = 0;
        for (int i = 0; i < z.length; i++) {
            if (!Twins.labelled(given.get(i))) {
                continue;
            }
            double sum = 0;
            for (int label : labels) {
                sum += Math.exp(similarity(z[i], vectors[label]) - 1 / temperature); // of at most 0
            }
            for (int label : given.get(i)) {
                double share = 1.0 / given.get(i).size();
                loss -= share * (similarity(z[i], vectors[label]) - 1 / temperature - Math.log(sum));
                slope(i, label, -share / labelled, z, vectors, ofRows, ofVectors);
            }
            for (int label : labels) {
                double share = Math.exp(similarity(z[i], vectors[label]) - 1 / temperature) / sum;
                slope(i, label, share / labelled, z, vectors, ofRows, ofVectors);
            }
        }
        return new Value(weight * loss / labelled, ofRows, ofVectors);
    }

    /** Adds the derivatives of w times a factor times a similarity. */
    private void slope(
            int i, int k, double factor, double[][] z, double[][] vectors, double[][] ofRows, double[][] ofVectors) {
        double scale = weight * factor / temperature;
        double length = length(vectors[k]);
        double cosine = similarity(z[i], vectors[k]) * temperature;
        for (int d = 0; d < z[i].length; d++) {
            double u = vectors[k][d] / length;
            ofRows[i][d] += scale * u;
            ofVectors[k][d] += scale * (z[i][d] - cosine * u) / length;
        }
    }

    private double similarity(double[] row, double[] vector) {
        double product = 0;
        for (int d = 0; d < row.length; d++) {
            product += row[d] * vector[d];
        }
        return product / length(vector) / temperature;
    }

    private static double length(double[] vector) {
        double square = 0;
        for (double value : vector) {
            square += value * value;
        }
        return Math.sqrt(square);
    }
}
