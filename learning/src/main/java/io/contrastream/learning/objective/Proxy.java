package io.contrastream.learning.objective;

/**
 * Proxy-based contrastive replay (Lin et al. 2023, PCR): the rows of an output are drawn to a vector of their class, and away from those of the
 * other classes of the step. With z_i the rows and u_k the class vectors ({@link Proxies}), both brought to unit length, y_i the class of
 * view i and s(i, k) = z_i · u_k / τ:
 *
 * <pre>
 *   L = −w · mean over views i of log [ exp s(i, y_i) / Σ_j exp s(i, y_j) ]
 * </pre>
 *
 * where mean and sum are over the views of images with a label, so a class counts once for each of its views, and one without a view not at all. A view with several
 * labels counts for each of them in the sum, and its loss is the mean over them. The vectors are
 * not those of a {@link CrossEntropy}'s classifier; they and what the optimiser remembers of them are the engine's, and learn with the
 * encoder's optimiser.
 *
 * @param temperature τ, above 0
 * @param weight w, above 0
 * @param seed of the initial vectors of new classes
 */
public record Proxy(String tap, double temperature, double weight, long seed) implements Term {

    /** @throws IllegalArgumentException if temperature or weight is not above 0 */
    public Proxy {
        if (!(temperature > 0 && Double.isFinite(temperature))) {
            throw new IllegalArgumentException("temperature of the proxy loss must be above 0, but is " + temperature);
        }
        if (!(weight > 0 && Double.isFinite(weight))) {
            throw new IllegalArgumentException("weight of the proxy loss must be above 0, but is " + weight);
        }
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
        return visitor.proxy(this);
    }
}
