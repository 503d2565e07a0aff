package io.contrastream.learning.objective;

/**
 * The supervised contrastive loss (Khosla et al. 2020, arXiv 2004.11362) of the rows z of an output, brought to unit length. With P(i)
 * the other rows that share a label with anchor i, A(i) all other rows and s(i, j) = z_i · z_j / τ, it is the mean, over the anchors whose P(i) is not
 * empty, of
 *
 * <ul>
 *   <li>{@link Variant#OUT} (eq. 2): −1/|P(i)| Σ_{p∈P(i)} [ s(i, p) − log Σ_{a∈A(i)} exp s(i, a) ]
 *   <li>{@link Variant#IN} (eq. 3): −log [ 1/|P(i)| Σ_{p∈P(i)} exp s(i, p) / Σ_{a∈A(i)} exp s(i, a) ]
 * </ul>
 *
 * and 0 if no row has a positive; times the weight.
 *
 * <p>The views of an image without label have a label that no other image has. If no image of a step has a label, and each has two views,
 * P(i) is the other view of i's image, and both variants are SimCLR's NT-Xent (Chen et al. 2020, arXiv 2002.05709, eq. 1), the
 * self-supervised loss that eq. 1 of Khosla et al. begins with.
 *
 * @param temperature τ, above 0
 * @param variant which of the two
 * @param weight above 0
 */
public record SupCon(String tap, double temperature, Variant variant, double weight) implements Term {

    /** @throws IllegalArgumentException if temperature or weight is not above 0 */
    public SupCon {
        if (!(temperature > 0 && Double.isFinite(temperature))) {
            throw new IllegalArgumentException("temperature must be above 0, but is " + temperature);
        }
        if (!(weight > 0 && Double.isFinite(weight))) {
            throw new IllegalArgumentException("weight of the contrastive loss must be above 0, but is " + weight);
        }
    }

    /** Of weight 1. */
    public SupCon(String tap, double temperature, Variant variant) {
        this(tap, temperature, variant, 1);
    }

    /** Where the sum over the positives stands. */
    public enum Variant {
        /** Outside the logarithm: the one to train with. */
        OUT,
        /** Inside the logarithm: for comparison. */
        IN
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
        return visitor.supCon(this);
    }
}
