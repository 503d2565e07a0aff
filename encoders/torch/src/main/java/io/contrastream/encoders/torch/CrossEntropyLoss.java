package io.contrastream.encoders.torch;

import io.contrastream.learning.objective.CrossEntropy;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The cross-entropy of a linear classifier of rows h, and its gradient; that of the classifier's arrays is added to theirs:
 *
 * <pre>
 *   p_ik = softmax over some classes k of (h Wᵀ + b)_ik,  L = −Σ_i s_i Σ_k t_ik log p_ik
 *   t_ik = [k ∈ Y(i)] / |Y(i)|, with Y(i) the row's labels among these classes
 *   g_ik = s_i (p_ik − t_ik),  dh = g W,  dW = gᵀ h,  db = Σ_i g_i
 *   JOINT: all known classes, s_i = w/N for the N rows with a label, else 0
 *   APART: the sum of two, of the current classes with s_i = w/C for the C rows that have one, else 0,
 *          and of all known classes with s_i = 2w/R for the R recalled rows, else 0
 * </pre>
 *
 * @param loss L, a scalar
 * @param gradient dh, [N, D]
 */
record CrossEntropyLoss(Tensor loss, Tensor gradient) {

    /**
     * Computes all of them.
     *
     * @param h [N, D]
     * @param labels of the rows: numbers of known classes or, for rows without label, below 0
     * @param fresh 1 for each row of a new image, else 0, [N]; looked at where current classes stand apart
     */
    static CrossEntropyLoss of(Tensor h, RowLabels labels, Tensor fresh, CrossEntropy term, ClassifierHead head) {
        Tensor logits = torch.linear(h, head.weight(), Native.optional(head.bias())); // [N, capacity]
        logits.add_(head.unknown());
        Tensor right = labels.among(head.numbers()); // [N, capacity]
        Part whole = term.scope() == CrossEntropy.Scope.JOINT
                ? Part.of(logits, right, labels.targets(right), shares(labels, term.weight()))
                : apart(logits, right, labels, fresh.unsqueeze(1), term.weight());
        head.weightGradient().add_(whole.g.t().mm(h));
        head.biasGradient().add_(whole.g.sum(new long[] {0}, false, Native.noType()));
        return new CrossEntropyLoss(whole.loss, whole.g.mm(head.weight()));
    }

    /** @param fresh [N, 1] */
    private static Part apart(Tensor logits, Tensor right, RowLabels labels, Tensor fresh, double weight) {
        Tensor ofLabel = right.toType(ScalarType.Float); // [N, capacity]
        Tensor current = ofLabel.mul(fresh).amax(new long[] {0}, true); // [1, capacity]
        Tensor none = current.amax(new long[] {1}, true).eq(new Scalar(0f)); // [1, 1]
        Tensor others =
                current.eq(new Scalar(0f)).logical_and_(none.logical_not()); // of none, all, so that they are numbers
        Tensor there = right.logical_and(current.gt(new Scalar(0f))); // [N, capacity]
        Tensor marked = there.any(1, true).toType(ScalarType.Float); // [N, 1]
        Part ofCurrent = Part.of(
                logits.masked_fill(others, new Scalar(Double.NEGATIVE_INFINITY)),
                there,
                labels.targets(there),
                divided(marked, weight));
        Tensor recalled =
                labels.labelled().toType(ScalarType.Float).mul_(fresh.neg().add_(new Scalar(1f)));
        Part ofRecalled =
                Part.of(logits, right, labels.targets(right), divided(recalled, CrossEntropy.RECALLED_SHARE * weight));
        return new Part(ofCurrent.loss.add_(ofRecalled.loss), ofCurrent.g.add_(ofRecalled.g));
    }

    /** A weight, divided among the rows with a label, [N, 1]. */
    static Tensor shares(RowLabels labels, double weight) {
        return divided(labels.labelled().toType(ScalarType.Float), weight);
    }

    /** A weight, divided among the rows that are marked with 1, [N, 1]. */
    private static Tensor divided(Tensor marked, double weight) {
        return marked.div(marked.sum().clamp_min(new Scalar(1f))).mul_(new Scalar(weight));
    }

    /**
     * A loss and its gradient with respect to the logits.
     *
     * @param loss a scalar
     * @param g [N, capacity]
     */
    private record Part(Tensor loss, Tensor g) {

        /**
         * @param right where a target is above 0, [N, capacity]
         * @param targets [N, capacity]
         * @param shares of the rows, [N, 1]
         */
        static Part of(Tensor logits, Tensor right, Tensor targets, Tensor shares) {
            Tensor logarithm = logits.log_softmax(1); // [N, capacity]: log p
            Tensor g = logarithm.exp().sub_(targets).mul_(shares);
            Tensor left = right.logical_not().logical_or_(shares.eq(new Scalar(0f))); // [N, capacity]
            return new Part(
                    logarithm
                            .masked_fill(left, new Scalar(0f))
                            .mul_(targets)
                            .mul_(shares)
                            .sum()
                            .neg_(),
                    g);
        }
    }
}
