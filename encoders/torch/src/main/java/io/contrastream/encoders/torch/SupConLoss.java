package io.contrastream.encoders.torch;

import io.contrastream.learning.objective.SupCon;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * {@link SupCon} of unit rows z, and its gradient:
 *
 * <pre>
 *   s_ij = z_i·z_j / τ,  p_ij = softmax over j ≠ i of s_ij
 *   OUT: w_ij = [j ∈ P(i)] / |P(i)|             L = −1/A Σ_i Σ_j w_ij log p_ij      over the A anchors i with positives
 *   IN:  w_ij = p_ij / Σ_{k∈P(i)} p_ik, j ∈ P(i)  L = −1/A Σ_i log (Σ_{j∈P(i)} p_ij / |P(i)|)
 *   g_ij = (p_ij − w_ij) / A                    for such anchors i and j ≠ i, else 0
 *   dz = (g + gᵀ) z / τ
 * </pre>
 *
 * Where no anchor has positives, loss and gradient are 0. Both are times the weight.
 *
 * @param loss L, a scalar
 * @param gradient dz, [N, P]
 */
record SupConLoss(Tensor loss, Tensor gradient) {

    /**
     * Computes both.
     *
     * @param z [N, P]
     * @param labels of the rows
     */
    static SupConLoss of(Tensor z, RowLabels labels, SupCon term) {
        Scalar zero = new Scalar(0f);
        Scalar one = new Scalar(1f);
        Tensor same = labels.shared(); // [N, N]
        same.fill_diagonal_(zero);
        Tensor positives = rowSums(same); // [N, 1]
        Tensor anchors = positives.gt(zero).toType(ScalarType.Float); // [N, 1]
        Tensor count = anchors.sum().clamp_min(one); // A
        positives.clamp_min_(one);

        Tensor s = z.mm(z.t()).div_(new Scalar(term.temperature())); // [N, N]
        s.fill_diagonal_(new Scalar(Double.NEGATIVE_INFINITY));
        Tensor logarithm = s.log_softmax(1); // [N, N]: log p
        Tensor p = logarithm.exp();
        Tensor weights; // [N, N]: w
        Tensor sum; // over the anchors
        if (term.variant() == SupCon.Variant.OUT) {
            weights = same.div_(positives);
            logarithm.fill_diagonal_(zero); // 0 · −∞ is no number
            sum = weights.mul(logarithm).sum();
        } else {
            // Far from all positives every p of theirs is 0, but not its logarithm.
            Tensor ofPositives = logarithm.masked_fill(same.eq(zero), new Scalar(Double.NEGATIVE_INFINITY));
            Tensor whole = ofPositives.logsumexp(new long[] {1}, true); // [N, 1]
            whole = whole.masked_fill_(anchors.eq(zero), zero);
            weights = ofPositives.sub_(whole).exp_();
            sum = whole.sub(positives.log_()).mul_(anchors).sum();
        }
        Tensor g = p.mul_(anchors).sub_(weights).div_(count); // [N, N]
        Tensor gradient = g.add(g.t()).mm(z).div_(new Scalar(term.temperature())); // [N, P]
        Tensor loss = sum.div_(count).neg_();
        if (term.weight() != 1) {
            Scalar weight = new Scalar(term.weight());
            loss.mul_(weight);
            gradient.mul_(weight);
        }
        return new SupConLoss(loss, gradient);
    }

    private static Tensor rowSums(Tensor matrix) {
        return matrix.sum(new long[] {1}, true, Native.noType());
    }
}
