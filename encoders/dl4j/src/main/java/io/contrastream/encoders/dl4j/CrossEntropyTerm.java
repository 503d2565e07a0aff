package io.contrastream.encoders.dl4j;

import io.contrastream.encoders.dl4j.array.Kernels;
import io.contrastream.learning.encoder.LabelSets;
import io.contrastream.learning.encoder.ViewFacts;
import io.contrastream.learning.objective.CrossEntropy;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link CrossEntropy} of rows h, and its gradient; that of the classifier's arrays is added to theirs:
 *
 * <pre>
 *   p_ik = softmax over some classes k of (h Wᵀ + b)_ik,  L = −Σ_i s_i Σ_k t_ik log p_ik
 *   t_ik = [k ∈ Y(i)] / |Y(i)|, with Y(i) the row's labels among these classes
 *   g_ik = s_i (p_ik − t_ik),  dh = g W,  dW = gᵀ h,  db = Σ_i g_i
 *   JOINT: all known classes, s_i = w/N for the N rows with a label, else 0
 *   APART: the sum of two, of the current classes with s_i = w/C for the C rows that have one, else 0,
 *          and of all known classes with s_i = 2w/R for the R recalled rows, else 0
 * </pre>
 */
record CrossEntropyTerm(CrossEntropy term, Kernels kernels) {

    /**
     * Adds dh to a gradient and returns the loss.
     *
     * @param h [N, D]
     * @param facts of the rows, with numbers of known classes or, for rows without label, below 0
     */
    double add(INDArray h, ViewFacts facts, ClassifierHead head, double[] gradient) {
        ClassifierPass pass = new ClassifierPass(head, kernels);
        double[] logits = pass.forward(h);
        double[] g = new double[logits.length];
        double loss = term.scope() == CrossEntropy.Scope.JOINT
                ? joint(pass, logits, facts.labelSets(), g)
                : apart(pass, logits, facts, g);
        pass.backward(g, h, gradient);
        return loss;
    }

    private double joint(ClassifierPass pass, double[] logits, LabelSets labels, double[] g) {
        boolean[] known = pass.known();
        double share = term.weight() / labelled(labels.first());
        double loss = 0;
        for (int i = 0; i < labels.size(); i++) {
            loss += labels.isLabelled(i) ? row(pass, logits, i, labels.of(i), known, share, g) : 0;
        }
        return loss;
    }

    /** Rows with a label, at least 1. */
    static int labelled(int[] labels) {
        return Math.max(
                1, (int) Arrays.stream(labels).filter(label -> label >= 0).count());
    }

    private double apart(ClassifierPass pass, double[] logits, ViewFacts facts, double[] g) {
        LabelSets labels = facts.labelSets();
        boolean[] known = pass.known();
        boolean[] current = new boolean[known.length];
        int recalled = 0;
        for (int i = 0; i < labels.size(); i++) {
            if (labels.isLabelled(i)) {
                for (int label : labels.of(i)) {
                    current[label] |= facts.fresh()[i];
                }
                recalled += facts.fresh()[i] ? 0 : 1;
            }
        }
        int ofCurrent = 0;
        for (int i = 0; i < labels.size(); i++) {
            ofCurrent += among(labels, i, current).length > 0 ? 1 : 0;
        }
        double loss = 0;
        for (int i = 0; i < labels.size(); i++) {
            int[] there = among(labels, i, current);
            if (there.length > 0) {
                loss += row(pass, logits, i, there, current, term.weight() / ofCurrent, g);
            }
            if (labels.isLabelled(i) && !facts.fresh()[i]) {
                double share = CrossEntropy.RECALLED_SHARE * term.weight() / recalled;
                loss += row(pass, logits, i, labels.of(i), known, share, g);
            }
        }
        return loss;
    }

    /** Labels of row i that are of some classes. */
    private static int[] among(LabelSets labels, int i, boolean[] classes) {
        return Arrays.stream(labels.of(i))
                .filter(label -> label >= 0 && classes[label])
                .toArray();
    }

    /** Adds row i of g over some classes, of which its labels are, and returns the row's part of the loss. */
    private static double row(
            ClassifierPass pass, double[] logits, int i, int[] labels, boolean[] classes, double share, double[] g) {
        int from = i * classes.length;
        double whole = pass.logSum(logits, from, classes);
        double[] targets = new double[classes.length];
        double target = 0;
        for (int label : labels) {
            targets[label] = 1.0 / labels.length;
            target += logits[from + label] / labels.length;
        }
        for (int k = 0; k < classes.length; k++) {
            if (classes[k]) {
                g[from + k] += share * (Math.exp(logits[from + k] - whole) - targets[k]);
            }
        }
        return share * (whole - target);
    }
}
