package io.contrastream.encoders.torch;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The cross-entropy of a linear classifier of rows h, and its gradient; that of the classifier's arrays goes to them:
 *
 * <pre>
 *   p_ik = softmax over the known classes k of (h Wᵀ + b)_ik,  L = −w/N Σ_i log p_iy(i)
 *   g_ik = w/N (p_ik − [k = y(i)]),  dh = g W,  dW = gᵀ h,  db = Σ_i g_i
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
     * @param labels [N], numbers of known classes
     */
    static CrossEntropyLoss of(Tensor h, Tensor labels, double weight, ClassifierHead head) {
        Tensor logits = torch.linear(h, head.weight(), Native.optional(head.bias())); // [N, capacity]
        logits.add_(head.unknown());
        Tensor logarithm = logits.log_softmax(1); // [N, capacity]: log p
        Tensor right = labels.unsqueeze(1).eq(head.numbers()); // [N, capacity]
        Tensor g = logarithm.exp().sub_(right.toType(ScalarType.Float));
        double share = weight / h.size(0);
        g.mul_(new Scalar(share));
        Tensor loss = logarithm
                .masked_fill(right.logical_not(), new Scalar(0f)) // 0 · −∞ is no number
                .sum()
                .mul_(new Scalar(-share));
        head.weightGradient().copy_(g.t().mm(h));
        head.biasGradient().copy_(g.sum(new long[] {0}, false, Native.noType()));
        return new CrossEntropyLoss(loss, g.mm(head.weight()));
    }
}
