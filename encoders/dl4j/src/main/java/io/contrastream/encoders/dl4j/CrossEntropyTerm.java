package io.contrastream.encoders.dl4j;

import io.contrastream.learning.encoder.ViewFacts;
import io.contrastream.learning.objective.CrossEntropy;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link CrossEntropy} of rows h, and its gradient; that of the classifier's arrays is added to theirs:
 *
 * <pre>
 *   p_ik = softmax over some classes k of (h Wᵀ + b)_ik,  L = −Σ_i s_i log p_iy(i)
 *   g_ik = s_i (p_ik − [k = y(i)]),  dh = g W,  dW = gᵀ h,  db = Σ_i g_i
 *   JOINT: all known classes, s_i = w/N for the N rows with a label, else 0
 *   APART: the sum of two, of the current classes with s_i = w/C for the C rows of these, else 0,
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
                ? joint(pass, logits, facts.labels(), g)
                : apart(pass, logits, facts, g);
        pass.backward(g, h, gradient);
        return loss;
    }

    private double joint(ClassifierPass pass, double[] logits, int[] labels, double[] g) {
        boolean[] known = pass.known();
        double share = term.weight() / labelled(labels);
        double loss = 0;
        for (int i = 0; i < labels.length; i++) {
            loss += labels[i] < 0 ? 0 : row(pass, logits, i, labels[i], known, share, g);
        }
        return loss;
    }

    /** Rows with a label, at least 1. */
    static int labelled(int[] labels) {
        return Math.max(
                1, (int) Arrays.stream(labels).filter(label -> label >= 0).count());
    }

    private double apart(ClassifierPass pass, double[] logits, ViewFacts facts, double[] g) {
        int[] labels = facts.labels();
        boolean[] known = pass.known();
        boolean[] current = new boolean[known.length];
        int recalled = 0;
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] >= 0) {
                current[labels[i]] |= facts.fresh()[i];
                recalled += facts.fresh()[i] ? 0 : 1;
            }
        }
        int ofCurrent = 0;
        for (int label : labels) {
            ofCurrent += label >= 0 && current[label] ? 1 : 0;
        }
        double loss = 0;
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] >= 0 && current[labels[i]]) {
                loss += row(pass, logits, i, labels[i], current, term.weight() / ofCurrent, g);
            }
            if (labels[i] >= 0 && !facts.fresh()[i]) {
                loss += row(
                        pass, logits, i, labels[i], known, CrossEntropy.RECALLED_SHARE * term.weight() / recalled, g);
            }
        }
        return loss;
    }

    /** Adds row i of g over some classes, and returns the row's part of the loss. */
    private static double row(
            ClassifierPass pass, double[] logits, int i, int label, boolean[] classes, double share, double[] g) {
        int from = i * classes.length;
        double whole = pass.logSum(logits, from, classes);
        for (int k = 0; k < classes.length; k++) {
            if (classes[k]) {
                g[from + k] += share * (Math.exp(logits[from + k] - whole) - (k == label ? 1 : 0));
            }
        }
        return share * (whole - logits[from + label]);
    }
}
