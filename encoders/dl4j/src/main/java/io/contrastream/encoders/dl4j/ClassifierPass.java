package io.contrastream.encoders.dl4j;

import io.contrastream.encoders.dl4j.array.Kernels;
import io.contrastream.encoders.dl4j.array.Transfer;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The way through a classifier and back: h Wᵀ + b of rows h, for every class that there is room for. */
record ClassifierPass(ClassifierHead head, Kernels kernels) {

    /**
     * h Wᵀ + b, [N · capacity].
     *
     * @param h [N, D]
     */
    double[] forward(INDArray h) {
        return forward(h, head.weight(), head.bias());
    }

    /** The same of the averages. */
    double[] forwardOfAverages(INDArray h) {
        return forward(h, head.averageWeight(), head.averageBias());
    }

    private double[] forward(INDArray h, INDArray weight, INDArray bias) {
        INDArray products = Nd4j.createUninitialized(h.dataType(), h.rows(), head.capacity());
        kernels.multiply(h, false, weight, true, products);
        double[] logits = Transfer.doubles(products);
        if (!products.isAttached()) {
            products.close(); // of no workspace
        }
        double[] biases = Transfer.doubles(bias);
        for (int i = 0; i < logits.length; i++) {
            logits[i] += biases[i % biases.length];
        }
        return logits;
    }

    /**
     * Adds dh = g W to a gradient, and dW = gᵀ h and db = Σ_i g_i to those of the classifier.
     *
     * @param g [N · capacity]
     * @param h [N, D]
     */
    void backward(double[] g, INDArray h, double[] gradient) {
        INDArray matrix = Nd4j.createUninitialized(h.dataType(), h.rows(), head.capacity());
        Transfer.put(g, matrix);
        double[] ofBiases = Transfer.doubles(head.biasGradient());
        for (int i = 0; i < g.length; i++) {
            ofBiases[i % ofBiases.length] += g[i];
        }
        Transfer.put(ofBiases, head.biasGradient());
        INDArray ofWeights = Nd4j.createUninitialized(h.dataType(), head.capacity(), h.columns());
        kernels.multiply(matrix, true, h, false, ofWeights);
        head.weightGradient().addi(ofWeights);
        INDArray dh = Nd4j.createUninitialized(h.dataType(), h.rows(), h.columns());
        kernels.multiply(matrix, false, head.weight(), false, dh);
        double[] slopes = Transfer.doubles(dh);
        for (int i = 0; i < slopes.length; i++) {
            gradient[i] += slopes[i];
        }
    }

    /** Which classes are known, of all that there is room for. */
    boolean[] known() {
        boolean[] known = new boolean[head.capacity()];
        Arrays.fill(known, 0, head.classes(), true);
        return known;
    }

    /** The logarithm of the sum of the exponentials of some classes' values, of a row that begins at some place. */
    double logSum(double[] values, int from, boolean[] classes) {
        double maximum = Double.NEGATIVE_INFINITY;
        for (int k = 0; k < classes.length; k++) {
            if (classes[k]) {
                maximum = Math.max(maximum, values[from + k]);
            }
        }
        double sum = 0;
        for (int k = 0; k < classes.length; k++) {
            if (classes[k]) {
                sum += Math.exp(values[from + k] - maximum);
            }
        }
        return maximum + Math.log(sum);
    }
}
