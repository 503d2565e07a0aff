package io.contrastream.encoders.dl4j;

import io.contrastream.encoders.dl4j.array.Kernels;
import io.contrastream.encoders.dl4j.array.Transfer;
import io.contrastream.learning.encoder.LabelSets;
import io.contrastream.learning.objective.Proxy;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * {@link Proxy} of unit rows z, and its gradient; that of the class vectors is added to theirs. With u_k the class vectors at unit length and n_k
 * the number of rows of class k, over the N rows i with a label:
 *
 * <pre>
 *   s_ik = z_i·u_k / τ,  p_ik = n_k exp(s_ik) / Σ_j n_j exp(s_ij),  t_ik = 1/(labels of i) for each of them, else 0
 *   L = −w/N Σ_i Σ_k t_ik (log p_ik − log n_k)
 *   g_ik = w/N (p_ik − t_ik),  dz = g u / τ,  du = gᵀ z / τ
 * </pre>
 */
record ProxyTerm(Proxy term, Kernels kernels) {

    /**
     * Adds dz to a gradient and returns the loss.
     *
     * @param z [N, D]
     * @param labels of the rows: numbers of known classes or, for rows without label, below 0
     */
    double add(INDArray z, LabelSets labels, ProxyHead head, double[] gradient) {
        UnitRows units = UnitRows.of(Transfer.doubles(head.vectors()), z.columns());
        INDArray u = Nd4j.createUninitialized(z.dataType(), head.capacity(), z.columns());
        Transfer.put(units.values(), u);
        INDArray products = Nd4j.createUninitialized(z.dataType(), labels.size(), head.capacity());
        kernels.multiply(z, false, u, true, products);
        double[] g = Transfer.doubles(products);
        double loss = similarityGradient(g, labels, head.capacity());
        Transfer.put(g, products);
        INDArray dz = Nd4j.createUninitialized(z.dataType(), labels.size(), z.columns());
        kernels.multiply(products, false, u, false, dz);
        double[] slopes = Transfer.doubles(dz);
        for (int i = 0; i < slopes.length; i++) {
            gradient[i] += slopes[i];
        }
        INDArray du = Nd4j.createUninitialized(z.dataType(), head.capacity(), z.columns());
        kernels.multiply(products, true, z, false, du);
        double[] ofVectors = Transfer.doubles(head.gradient());
        units.addTangents(Transfer.doubles(du), ofVectors);
        Transfer.put(ofVectors, head.gradient());
        return loss;
    }

    /** Takes z uᵀ, [N, capacity], to g / τ in place, and returns the loss. */
    private double similarityGradient(double[] matrix, LabelSets labels, int capacity) {
        double temperature = term.temperature();
        double share = term.weight() / CrossEntropyTerm.labelled(labels.first());
        int[] counts = new int[capacity];
        for (int i = 0; i < labels.size(); i++) {
            if (labels.isLabelled(i)) {
                for (int label : labels.of(i)) {
                    counts[label]++;
                }
            }
        }
        double loss = 0;
        for (int i = 0; i < labels.size(); i++) {
            int from = i * capacity;
            if (!labels.isLabelled(i)) {
                Arrays.fill(matrix, from, from + capacity, 0);
                continue;
            }
            double maximum = Double.NEGATIVE_INFINITY;
            for (int k = 0; k < capacity; k++) {
                maximum = counts[k] > 0 ? Math.max(maximum, matrix[from + k] / temperature) : maximum;
            }
            int[] own = labels.of(i);
            double target = 0;
            for (int label : own) {
                target += matrix[from + label] / temperature / own.length;
            }
            loss += maximum - target;
            double sum = 0;
            for (int k = 0; k < capacity; k++) {
                matrix[from + k] = counts[k] > 0 ? counts[k] * Math.exp(matrix[from + k] / temperature - maximum) : 0;
                sum += matrix[from + k];
            }
            loss += Math.log(sum);
            for (int k = 0; k < capacity; k++) {
                matrix[from + k] =
                        share / temperature * (matrix[from + k] / sum - (labels.has(i, k) ? 1.0 / own.length : 0));
            }
        }
        return share * loss;
    }
}
