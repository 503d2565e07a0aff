package io.contrastream.encoders.torch;

import io.contrastream.learning.objective.Distill;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The distillation of rows h from a teacher's answers t, and its gradient; that of the classifier's arrays is added to theirs:
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
     * @param h [N, D]
     * @param answers t, [N, capacity]
     */
    static DistillLoss of(Tensor h, Tensor answers, Distill term, ClassifierHead head) {
        Scalar temperature = new Scalar(term.temperature());
        Tensor logits = torch.linear(h, head.weight(), Native.optional(head.bias())); // [N, capacity]
        Tensor q = logits.div_(temperature).add_(head.unknown()).log_softmax(1); // [N, capacity]: log q
        Tensor p = answers.div(temperature).add_(head.unknown()).log_softmax(1); // [N, capacity]: log p
        Tensor ofTeacher = p.exp();
        Tensor difference =
                p.sub_(q).masked_fill_(head.unknown().lt(new Scalar(0f)), new Scalar(0f)); // −∞ + ∞ is no number
        double share = term.weight() * term.temperature() / h.size(0);
        Tensor loss = difference.mul_(ofTeacher).sum().mul_(new Scalar(share * term.temperature()));
        Tensor g = q.exp_().sub_(ofTeacher).mul_(new Scalar(share)); // [N, capacity]
        head.weightGradient().add_(g.t().mm(h));
        head.biasGradient().add_(g.sum(new long[] {0}, false, Native.noType()));
        return new DistillLoss(loss, g.mm(head.weight()));
    }
}
