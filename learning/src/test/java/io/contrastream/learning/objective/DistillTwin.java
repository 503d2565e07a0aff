package io.contrastream.learning.objective;

import java.util.Arrays;

/**
 * {@link Distill} in double precision: what engines are held against, made for reading, not for speed.
 *
 * @param temperature T
 * @param weight w of the loss
 */
public record DistillTwin(double temperature, double weight) {

    /**
     * Value and gradients.
     *
     * @param h rows of the student, [N, D]
     * @param labels [N], below 0 for a row without
     * @param answers of the teacher for each row, t, [N, K]
     * @param weights of the student's classifier, [K, D]
     * @param biases [K]
     */
    public CrossEntropyTwin.Value of(
            double[][] h, int[] labels, double[][] answers, double[][] weights, double[] biases) {
        long labelled = Arrays.stream(labels).filter(label -> label >= 0).count();
        int features = weights[0].length;
        double[][] ofRows = new double[h.length][features];
        double[][] ofWeights = new double[weights.length][features];
        double[] ofBiases = new double[weights.length];
        double loss = 0;
        for (int i = 0; i < h.length; i++) {
            if (labels[i] < 0) {
                continue;
            }
            double[] p = softmax(answers[i]);
            double[] q = softmax(answers(h[i], weights, biases));
            for (int k = 0; k < p.length; k++) {
                loss += p[k] == 0 ? 0 : p[k] * Math.log(p[k] / q[k]);
                double slope = weight * temperature / labelled * (q[k] - p[k]);
                ofBiases[k] += slope;
                for (int d = 0; d < features; d++) {
                    ofRows[i][d] += slope * weights[k][d];
                    ofWeights[k][d] += slope * h[i][d];
                }
            }
        }
        double scale = weight * temperature * temperature / labelled;
        return new CrossEntropyTwin.Value(scale * loss, ofRows, ofWeights, ofBiases);
    }

    /** Answers of a classifier for a row, [K]. */
    public static double[] answers(double[] row, double[][] weights, double[] biases) {
        double[] answers = biases.clone();
        for (int k = 0; k < answers.length; k++) {
            for (int d = 0; d < row.length; d++) {
                answers[k] += weights[k][d] * row[d];
            }
        }
        return answers;
    }

    private double[] softmax(double[] values) {
        double maximum = Double.NEGATIVE_INFINITY;
        for (double value : values) {
            maximum = Math.max(maximum, value / temperature);
        }
        double[] shares = new double[values.length];
        double sum = 0;
        for (int k = 0; k < values.length; k++) {
            shares[k] = Math.exp(values[k] / temperature - maximum);
            sum += shares[k];
        }
        for (int k = 0; k < values.length; k++) {
            shares[k] /= sum;
        }
        return shares;
    }
}
