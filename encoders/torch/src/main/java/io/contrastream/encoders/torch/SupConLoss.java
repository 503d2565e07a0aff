package io.contrastream.encoders.torch;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The supervised contrastive loss L_out (Khosla et al. 2020, equation 2) of unit rows z, and its gradient:
 *
 * <pre>
 *   s_ij = z_i·z_j / τ,  p_ij = softmax over j ≠ i of s_ij,  w_ij = [j ∈ P(i)] / |P(i)|
 *   L = −1/A Σ_i Σ_j w_ij log p_ij      over the A anchors i with positives
 *   g_ij = (p_ij − w_ij) / A            for such anchors i and j ≠ i, else 0
 *   dz = (g + gᵀ) z / τ
 * </pre>
 *
 * Where no anchor has positives, loss and gradient are 0.
 *
 * @param loss L, a scalar
 * @param gradient dz, [N, P]
 */
record SupConLoss(Tensor loss, Tensor gradient) {

    /**
     * Computes both.
     *
     * @param z [N, P]
     * @param labels [N], equal for equal classes
     */
    static SupConLoss of(Tensor z, Tensor labels, double temperature) {
        Scalar zero = new Scalar(0f);
        Scalar one = new Scalar(1f);
        Tensor same = labels.unsqueeze(1).eq(labels.unsqueeze(0)).toType(ScalarType.Float); // [N, N]
        same.fill_diagonal_(zero);
        Tensor positives = rowSums(same); // [N, 1]
        Tensor anchors = positives.gt(zero).toType(ScalarType.Float); // [N, 1]
        Tensor count = anchors.sum().clamp_min(one); // A
        Tensor weights = same.div_(positives.clamp_min(one)); // [N, N]: w

        Tensor s = z.mm(z.t()).div_(new Scalar(temperature)); // [N, N]
        s.fill_diagonal_(new Scalar(Double.NEGATIVE_INFINITY));
        Tensor logarithm = s.log_softmax(1); // [N, N]: log p
        Tensor p = logarithm.exp();
        logarithm.fill_diagonal_(zero); // 0 · −∞ is no number
        Tensor loss = weights.mul(logarithm).sum().div(count);

        Tensor g = p.mul_(anchors).sub_(weights).div_(count); // [N, N]
        Tensor gradient = g.add(g.t()).mm(z).div_(new Scalar(temperature)); // [N, P]
        return new SupConLoss(loss.neg(), gradient);
    }

    private static Tensor rowSums(Tensor matrix) {
        return matrix.sum(new long[] {1}, true, Native.noType());
    }
}
