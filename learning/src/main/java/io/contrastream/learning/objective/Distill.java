package io.contrastream.learning.objective;

/**
 * Momentum distillation (Michel et al. 2024, Rethinking Momentum Knowledge Distillation in Online Continual Learning): the answers of the
 * {@link Classifier} of an objective's {@link CrossEntropy} are drawn to those of a teacher, which is the exponential moving averages of all
 * arrays, classifier and running statistics included:
 *
 * <pre>
 *   L = w T² · mean over views i of KL( softmax(t_{l(i)} / T) ‖ softmax((W h_i + b) / T) ),   t_j = W̄ h̄_j + b̄
 * </pre>
 *
 * over the classes known so far and the views of images with a label, where l(i) is the last view of i's image and h̄_j the output of the averages with their running statistics.
 * With a plain and an augmented view of every image it is half between equal views and half between the augmented one of the teacher and
 * the plain one of the student, as the authors have it. The teacher is not differentiated. It follows the weights closely in the first
 * steps ({@link io.contrastream.learning.encoder.TrainingOptions#averagingDecayAt}), so the term begins small by itself.
 *
 * @param tap that of the cross-entropy
 * @param temperature T, above 0
 * @param weight w, above 0
 */
public record Distill(String tap, double temperature, double weight) implements Term {

    /** @throws IllegalArgumentException if temperature or weight is not above 0 */
    public Distill {
        if (!(temperature > 0 && Double.isFinite(temperature))) {
            throw new IllegalArgumentException(
                    "temperature of the distillation must be above 0, but is " + temperature);
        }
        if (!(weight > 0 && Double.isFinite(weight))) {
            throw new IllegalArgumentException("weight of the distillation must be above 0, but is " + weight);
        }
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
        return visitor.distill(this);
    }
}
