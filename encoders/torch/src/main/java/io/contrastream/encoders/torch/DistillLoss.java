package io.contrastream.encoders.torch;

import io.contrastream.learning.objective.Distill;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The distillation of the N rows h with a label from a teacher's answers t, and its gradient; that of the classifier's arrays is added to theirs:
 *
 * <pre>
 *   p_i = softmax over the known classes of t_i / T,  q_i = that of (h Wᵀ + b)_i / T
 *   L = w T²/N Σ_i Σ_k p_ik (log p_ik − log q_ik)
 *   g = w T/N (q − p),  dh = g W,  dW = gᵀ h,  db = Σ_i g_i
 * </pre>
 *
 * @param loss L, a scalar
 * @param gradient dh, [N, D]
 */
record DistillLoss(Tensor loss, Tensor gradient) {

    /**
     * Computes all of them.
     *
     * @param h of all rows, a row a view
     * @param labels of the rows; below 0 for those without
     * @param answers t, for all rows, as many as the classifier has room for
     */
    static DistillLoss of(Tensor h, RowLabels labels, Tensor answers, Distill term, ClassifierHead head) {
        Scalar temperature = new Scalar(term.temperature());
        Tensor logits = torch.linear(h, head.weight(), Native.optional(head.bias())); // [N, capacity]
        Tensor q = logits.div_(temperature).add_(head.unknown()).log_softmax(1); // [N, capacity]: log q
        Tensor p = answers.div(temperature).add_(head.unknown()).log_softmax(1); // [N, capacity]: log p
        Tensor ofTeacher = p.exp();
        Tensor difference =
                p.sub_(q).masked_fill_(head.unknown().lt(new Scalar(0f)), new Scalar(0f)); // −∞ + ∞ is no number
        Tensor shares = CrossEntropyLoss.shares(labels, term.weight() * term.temperature()); // [N, 1]
        Tensor loss = difference.mul_(ofTeacher).mul_(shares).sum().mul_(temperature);
        Tensor g = q.exp_().sub_(ofTeacher).mul_(shares); // [N, capacity]
        head.weightGradient().add_(g.t().mm(h));
        head.biasGradient().add_(g.sum(new long[] {0}, false, Native.noType()));
        return new DistillLoss(loss, g.mm(head.weight()));
    }
}
