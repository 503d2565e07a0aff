package io.contrastream.encoders.dl4j;

import io.contrastream.encoders.dl4j.array.Kernels;
import io.contrastream.learning.objective.Distill;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link Distill} of the N rows h with a label from a teacher's answers t, and its gradient; that of the classifier's arrays is added to theirs:
 *
 * <pre>
 *   p_i = softmax over the known classes of t_i / T,  q_i = that of (h Wᵀ + b)_i / T
 *   L = w T²/N Σ_i Σ_k p_ik (log p_ik − log q_ik)
 *   g = w T/N (q − p),  dh = g W,  dW = gᵀ h,  db = Σ_i g_i
 * </pre>
 */
record DistillTerm(Distill term, Kernels kernels) {

    /**
     * Adds dh to a gradient and returns the loss.
     *
     * @param h of all rows, a row a view
     * @param labels of the rows; below 0 for those without
     * @param answers t, for all rows, as many as the classifier has room for
     */
    double add(INDArray h, int[] labels, double[] answers, ClassifierHead head, double[] gradient) {
        ClassifierPass pass = new ClassifierPass(head, kernels);
        double temperature = term.temperature();
        double share = term.weight() * temperature / CrossEntropyTerm.labelled(labels);
        double[] q = divided(pass.forward(h), temperature);
        double[] p = divided(answers.clone(), temperature);
        double[] g = new double[q.length];
        boolean[] known = pass.known();
        double loss = 0;
        for (int from = 0; from < q.length; from += head.capacity()) {
            if (labels[from / head.capacity()] < 0) {
                continue;
            }
            double wholeOfQ = pass.logSum(q, from, known);
            double wholeOfP = pass.logSum(p, from, known);
            for (int i = from; i < from + head.classes(); i++) {
                double logQ = q[i] - wholeOfQ;
                double logP = p[i] - wholeOfP;
                loss += Math.exp(logP) * (logP - logQ);
                g[i] = share * (Math.exp(logQ) - Math.exp(logP));
            }
        }
        pass.backward(g, h, gradient);
        return share * temperature * loss;
    }

    private static double[] divided(double[] values, double divisor) {
        for (int i = 0; i < values.length; i++) {
            values[i] /= divisor;
        }
        return values;
    }
}
