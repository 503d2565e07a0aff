package io.contrastream.encoders.torch;

import io.contrastream.learning.objective.Proxy;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * {@link Proxy} of unit rows z, and its gradient; that of the class vectors is added to theirs. With u_k the class vectors at unit length and n_k
 * the number of rows of class k, over the N rows i with a label:
 *
 * <pre>
 *   s_ik = z_i·u_k / τ,  p_ik = n_k exp(s_ik) / Σ_j n_j exp(s_ij),  t_ik = 1/(labels of i) for each of them, else 0
 *   L = −w/N Σ_i Σ_k t_ik (log p_ik − log n_k)
 *   g_ik = w/N (p_ik − t_ik),  dz = g u / τ,  du = gᵀ z / τ
 * </pre>
 *
 * @param loss L, a scalar
 * @param gradient dz, [N, D]
 */
record ProxyLoss(Tensor loss, Tensor gradient) {

    /**
     * Computes all of them.
     *
     * @param z [N, D]
     * @param labels of the rows: numbers of known classes or, for rows without label, below 0
     */
    static ProxyLoss of(Tensor z, RowLabels labels, Proxy term, ProxyHead head) {
        Scalar temperature = new Scalar(term.temperature());
        Tensor norms = UnitOperation.norms(head.vectors()); // [capacity, 1]
        Tensor u = head.vectors().div(norms); // [capacity, D]
        Tensor right = labels.among(head.numbers()); // [N, capacity]
        Tensor targets = labels.targets(right); // [N, capacity]
        Tensor counts = right.toType(ScalarType.Float)
                .sum(new long[] {0}, true, Native.noType())
                .log_(); // [1, capacity]: log n, −∞ for none
        Tensor logarithm = z.mm(u.t()).div_(temperature).add_(counts).log_softmax(1); // [N, capacity]: log p
        Tensor shares = CrossEntropyLoss.shares(labels, term.weight()); // [N, 1]
        Tensor loss = logarithm
                .sub(counts)
                .masked_fill_(right.logical_not(), new Scalar(0f)) // −∞ + ∞ is no number
                .mul_(targets)
                .mul_(shares)
                .sum()
                .neg_();
        Tensor g = logarithm.exp_().sub_(targets).mul_(shares).div_(temperature); // [N, capacity]
        head.gradient().add_(UnitOperation.tangent(u, norms, g.t().mm(z)));
        return new ProxyLoss(loss, g.mm(u));
    }
}
