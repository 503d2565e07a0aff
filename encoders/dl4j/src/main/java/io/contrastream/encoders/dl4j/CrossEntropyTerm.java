package io.contrastream.encoders.dl4j;

import io.contrastream.learning.objective.CrossEntropy;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * {@link CrossEntropy} of rows h, and its gradient; that of the classifier's arrays goes to them:
 *
 * <pre>
 *   p_ik = softmax over the known classes k of (h Wᵀ + b)_ik,  L = −w/N Σ_i log p_iy(i)
 *   g_ik = w/N (p_ik − [k = y(i)]),  dh = g W,  dW = gᵀ h,  db = Σ_i g_i
 * </pre>
 */
record CrossEntropyTerm(CrossEntropy term, Kernels kernels) {

    /**
     * Adds dh to a gradient and returns the loss.
     *
     * @param h [N, D]
     * @param labels [N], numbers of known classes
     */
    double add(INDArray h, int[] labels, ClassifierHead head, double[] gradient) {
        int n = labels.length;
        INDArray products = Nd4j.createUninitialized(h.dataType(), n, head.capacity());
        kernels.multiply(h, false, head.weight(), true, products);
        double[] logits = Transfer.doubles(products);
        double[] biases = Transfer.doubles(head.bias());
        double[] ofBiases = new double[biases.length];
        double loss = 0;
        for (int i = 0; i < n; i++) {
            loss += row(logits, i * biases.length, biases, head.classes(), labels[i], n);
            for (int k = 0; k < biases.length; k++) {
                ofBiases[k] += logits[i * biases.length + k];
            }
        }
        Transfer.put(logits, products);
        Transfer.put(ofBiases, head.biasGradient());
        kernels.multiply(products, true, h, false, head.weightGradient());
        INDArray dh = Nd4j.createUninitialized(h.dataType(), n, h.columns());
        kernels.multiply(products, false, head.weight(), false, dh);
        double[] slopes = Transfer.doubles(dh);
        for (int i = 0; i < slopes.length; i++) {
            gradient[i] += slopes[i];
        }
        return term.weight() * loss / n;
    }

    /** Takes a row of h Wᵀ to that of g, 0 for classes that are not known, and returns −log p of its label. */
    private double row(double[] logits, int from, double[] biases, int classes, int label, int n) {
        double maximum = Double.NEGATIVE_INFINITY;
        for (int k = 0; k < classes; k++) {
            logits[from + k] += biases[k];
            maximum = Math.max(maximum, logits[from + k]);
        }
        double sum = 0;
        for (int k = 0; k < classes; k++) {
            sum += Math.exp(logits[from + k] - maximum);
        }
        double loss = maximum + Math.log(sum) - logits[from + label];
        for (int k = 0; k < biases.length; k++) {
            double probability = k < classes ? Math.exp(logits[from + k] - maximum) / sum : 0;
            logits[from + k] = term.weight() / n * (probability - (k == label ? 1 : 0));
        }
        return loss;
    }
}
