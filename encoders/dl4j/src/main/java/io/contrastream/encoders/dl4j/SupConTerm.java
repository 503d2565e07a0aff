package io.contrastream.encoders.dl4j;

import io.contrastream.encoders.dl4j.array.Kernels;
import io.contrastream.encoders.dl4j.array.Transfer;
import io.contrastream.learning.encoder.LabelSets;
import io.contrastream.learning.objective.SupCon;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * {@link SupCon} of unit rows z, and its gradient, with A anchors that have positives and p_ij the softmax of row i over j ≠ i:
 *
 * <pre>
 *   s_ij = z_i·z_j / τ
 *   OUT: L = mean over such anchors of  log Σ_{a≠i} exp(s_ia) − mean_{p∈P(i)} s_ip,            w_ij = 1 / |P(i)|
 *   IN:  L = mean over such anchors of  log Σ_{a≠i} exp(s_ia) − log mean_{p∈P(i)} exp(s_ip),   w_ij = p_ij / Σ_{k∈P(i)} p_ik
 *   g_ij = (p_ij − [j ∈ P(i)] w_ij) / A      for such anchors i and j ≠ i, else 0
 *   dz = (g + gᵀ) z / τ
 * </pre>
 *
 * Where no anchor has positives, loss and gradient are 0.
 */
record SupConTerm(SupCon term, Kernels kernels) {

    /**
     * Adds w dz to a gradient and returns w L, with the weight w.
     *
     * @param z [N, P]
     * @param labels of the rows
     */
    double add(INDArray z, LabelSets labels, double[] gradient) {
        int n = labels.size();
        INDArray square = Nd4j.createUninitialized(z.dataType(), n, n);
        kernels.multiply(z, false, z, true, square);
        double[] matrix = Transfer.doubles(square);
        double loss = similarityGradient(matrix, labels);
        Transfer.put(matrix, square);
        INDArray dz = Nd4j.createUninitialized(z.dataType(), n, z.columns());
        kernels.multiply(square, false, z, false, dz);
        double[] slopes = Transfer.doubles(dz);
        for (int i = 0; i < slopes.length; i++) {
            gradient[i] += slopes[i];
        }
        return loss;
    }

    /** Takes z zᵀ, [N, N], to w (g + gᵀ) / τ in place, and returns w L. */
    private double similarityGradient(double[] matrix, LabelSets labels) {
        int n = labels.size();
        double[] g = new double[n * n];
        double loss = 0;
        int anchors = 0;
        for (int i = 0; i < n; i++) {
            int positives = positives(labels, i);
            if (positives > 0) {
                anchors++;
                loss += anchor(i, matrix, labels, positives, g);
            }
        }
        if (anchors == 0) {
            Arrays.fill(matrix, 0);
            return 0;
        }
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                matrix[i * n + j] = term.weight() * (g[i * n + j] + g[j * n + i]) / (anchors * term.temperature());
            }
        }
        return term.weight() * loss / anchors;
    }

    private static int positives(LabelSets labels, int i) {
        int count = -1; // the anchor is not its own positive
        for (int j = 0; j < labels.size(); j++) {
            count += labels.shared(i, j) ? 1 : 0;
        }
        return count;
    }

    /** Fills row i of A g, and returns the anchor's loss. */
    private double anchor(int i, double[] matrix, LabelSets labels, int positives, double[] g) {
        int n = labels.size();
        double maximum = Double.NEGATIVE_INFINITY;
        double positiveMaximum = Double.NEGATIVE_INFINITY;
        double attraction = 0;
        for (int j = 0; j < n; j++) {
            if (j != i) {
                double s = matrix[i * n + j] / term.temperature();
                maximum = Math.max(maximum, s);
                if (labels.shared(i, j)) {
                    positiveMaximum = Math.max(positiveMaximum, s);
                    attraction += s;
                }
            }
        }
        double sum = 0;
        double positiveSum = 0; // of exp(s − positiveMaximum)
        for (int j = 0; j < n; j++) {
            if (j != i) {
                double s = matrix[i * n + j] / term.temperature();
                g[i * n + j] = Math.exp(s - maximum);
                sum += g[i * n + j];
                positiveSum += labels.shared(i, j) ? Math.exp(s - positiveMaximum) : 0;
            }
        }
        boolean outside = term.variant() == SupCon.Variant.OUT;
        for (int j = 0; j < n; j++) {
            if (j != i) {
                g[i * n + j] /= sum;
                if (labels.shared(i, j)) {
                    g[i * n + j] -= outside
                            ? 1.0 / positives
                            : Math.exp(matrix[i * n + j] / term.temperature() - positiveMaximum) / positiveSum;
                }
            }
        }
        double repulsion = maximum + Math.log(sum);
        return outside
                ? repulsion - attraction / positives
                : repulsion - positiveMaximum - Math.log(positiveSum / positives);
    }
}
