package io.contrastream.learning.objective;

/**
 * The cross-entropy of a linear {@link Classifier} of the rows h of an output, which grows with the classes and is used in training
 * alone:
 *
 * <pre>
 *   L = −w · mean over views i of log softmax(W h_i + b)[y_i]
 * </pre>
 *
 * over the classes known so far: those up to the largest label of any step, whether that step could be taken or not. The classifier's
 * parameters and what the optimiser remembers of them are the engine's, and learn with the encoder's optimiser.
 *
 * @param weight w, above 0
 * @param seed of the initial weights of new classes
 */
public record CrossEntropy(String tap, double weight, long seed) implements Term {

    /** @throws IllegalArgumentException if the weight is not above 0 */
    public CrossEntropy {
        if (!(weight > 0 && Double.isFinite(weight))) {
            throw new IllegalArgumentException("weight of the cross-entropy must be above 0, but is " + weight);
        }
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
        return visitor.crossEntropy(this);
    }
}
