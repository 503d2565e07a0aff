package io.contrastream.learning.objective;

import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * {@link CrossEntropy} in double precision: what engines are held against, made for reading, not for speed.
 *
 * @param weight w of the loss
 */
public record CrossEntropyTwin(double weight) {

    /**
     * A loss and its derivatives.
     *
     * @param ofRows [N, D]
     * @param ofWeights [K, D]
     * @param ofBiases [K]
     */
    public record Value(double loss, double[][] ofRows, double[][] ofWeights, double[] ofBiases) {}

    /**
     * Value and gradients of {@link CrossEntropy.Scope#JOINT}, of rows with one label each.
     *
     * @param h [N, D]
     * @param labels [N], below K; below 0 for a row without
     * @param weights [K, D]
     * @param biases [K]
     */
    public Value of(double[][] h, int[] labels, double[][] weights, double[] biases) {
        return of(h, Twins.sets(labels), weights, biases);
    }

    /**
     * Value and gradients of {@link CrossEntropy.Scope#JOINT}.
     *
     * @param labels of each row
     */
    public Value of(double[][] h, List<Set<Integer>> labels, double[][] weights, double[] biases) {
        Value value = zero(h, weights);
        double loss = 0;
        long labelled = Twins.labelled(labels);
        for (int i = 0; i < h.length; i++) {
            if (Twins.labelled(labels.get(i))) {
                loss += row(h, i, labels.get(i), k -> true, weight / labelled, weights, biases, value);
            }
        }
        return new Value(loss, value.ofRows, value.ofWeights, value.ofBiases);
    }

    /**
     * Value and gradients of {@link CrossEntropy.Scope#APART}, of rows with one label each.
     *
     * @param fresh whether a row is of a new image, [N]
     */
    public Value apart(double[][] h, int[] labels, boolean[] fresh, double[][] weights, double[] biases) {
        return apart(h, Twins.sets(labels), fresh, weights, biases);
    }

    /**
     * Value and gradients of {@link CrossEntropy.Scope#APART}.
     *
     * @param labels of each row
     * @param fresh whether a row is of a new image, [N]
     */
    public Value apart(double[][] h, List<Set<Integer>> labels, boolean[] fresh, double[][] weights, double[] biases) {
        Set<Integer> current = new HashSet<>();
        int recalled = 0;
        for (int i = 0; i < h.length; i++) {
            if (Twins.labelled(labels.get(i)) && fresh[i]) {
                current.addAll(labels.get(i));
            } else if (Twins.labelled(labels.get(i))) {
                recalled++;
            }
        }
        long ofCurrent = labels.stream()
                .filter(row -> !Collections.disjoint(row, current))
                .count();
        Value value = zero(h, weights);
        double loss = 0;
        for (int i = 0; i < h.length; i++) {
            Set<Integer> inside = new HashSet<>(labels.get(i));
            inside.retainAll(current);
            if (!inside.isEmpty()) {
                loss += row(h, i, inside, current::contains, weight / ofCurrent, weights, biases, value);
            }
            if (Twins.labelled(labels.get(i)) && !fresh[i]) {
                loss += row(h, i, labels.get(i), k -> true, 2 * weight / recalled, weights, biases, value);
            }
        }
        return new Value(loss, value.ofRows, value.ofWeights, value.ofBiases);
    }

    private static Value zero(double[][] h, double[][] weights) {
        int features = weights[0].length;
        return new Value(
                0, new double[h.length][features], new double[weights.length][features], new double[weights.length]);
    }

    /** The loss of row i over some classes, times a share; adds its derivatives to the value's. */
    private static double row(
            double[][] h,
            int i,
            Set<Integer> labels,
            IntPredicate classes,
            double share,
            double[][] weights,
            double[] biases,
            Value value) {
        double[] logits = DistillTwin.answers(h[i], weights, biases);
        double maximum = Double.NEGATIVE_INFINITY;
        for (int k = 0; k < logits.length; k++) {
            maximum = classes.test(k) ? Math.max(maximum, logits[k]) : maximum;
        }
        double sum = 0;
        for (int k = 0; k < logits.length; k++) {
            sum += classes.test(k) ? Math.exp(logits[k] - maximum) : 0;
        }
        for (int k = 0; k < logits.length; k++) {
            if (classes.test(k)) {
                double slope =
                        share * (Math.exp(logits[k] - maximum) / sum - (labels.contains(k) ? 1.0 / labels.size() : 0));
                value.ofBiases[k] += slope;
                for (int d = 0; d < h[i].length; d++) {
                    value.ofRows[i][d] += slope * weights[k][d];
                    value.ofWeights[k][d] += slope * h[i][d];
                }
            }
        }
        double target = 0;
        for (int label : labels) {
            target += logits[label] / labels.size();
        }
        return share * (maximum + Math.log(sum) - target);
    }
}
