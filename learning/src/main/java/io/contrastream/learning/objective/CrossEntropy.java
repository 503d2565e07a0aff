package io.contrastream.learning.objective;

import java.util.Locale;

/**
 * The cross-entropy of a linear {@link Classifier} of the rows h of an output, which grows with the classes and is used in training
 * alone. With p_i = softmax(W h_i + b):
 *
 * <ul>
 *   <li>{@link Scope#JOINT}: L = −w · mean over views i of log p_i[y_i]
 *   <li>{@link Scope#APART} (Yan et al. 2024, Orchestrate Latent Expertise, whose current classes are those of a task): with the current
 *       classes C, those of the new images, and q_i the softmax over C alone,
 *       <pre>
 *   L = −w ( mean over views i of classes in C of log q_i[y_i] + 2 · mean over views i of recalled images of log p_i[y_i] )
 *       </pre>
 *       where a mean of nothing is 0. So new classes do not push the weights of old ones away.
 * </ul>
 *
 * <p>Of a view with several labels, log p_i[y_i] is the mean over them, so that each is its target with 1 / their number (Mahajan et al. 2018,
 * arXiv 1805.00932, section 2); in q, over those of them that are in C, where it counts if there is one.
 *
 * <p>Means are over views of images with a label. p is over the classes known so far: those up to the largest label of any step, whether that step could be taken or not. The classifier's
 * parameters and what the optimiser remembers of them are the engine's, and learn with the encoder's optimiser.
 *
 * @param weight w, above 0
 * @param seed of the initial weights of new classes
 * @param scope which of the two
 */
public record CrossEntropy(String tap, double weight, long seed, Scope scope) implements Term {

    /** How much more recalled images count than current classes do, where they stand apart. */
    public static final double RECALLED_SHARE = 2;

    /** @throws IllegalArgumentException if the weight is not above 0 */
    public CrossEntropy {
        if (!(weight > 0 && Double.isFinite(weight))) {
            throw new IllegalArgumentException("weight of the cross-entropy must be above 0, but is " + weight);
        }
    }

    /** Of all views and all classes. */
    public CrossEntropy(String tap, double weight, long seed) {
        this(tap, weight, seed, Scope.JOINT);
    }

    /** Which views are told from which classes. */
    public enum Scope {
        /** All of them from all. */
        JOINT,
        /** Those of current classes from each other, and recalled ones from all. */
        APART;

        /** Its name in options: {@code joint}, {@code apart}. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
        return visitor.crossEntropy(this);
    }
}
