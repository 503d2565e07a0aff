package io.contrastream.learning.encoder;

import io.contrastream.learning.network.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * An optimiser step that was not taken because something in it, or in what it would have started from, was not finite.
 *
 * @param loss of its views
 * @param gradientNorm Euclidean length of the whole gradient, before weight decay
 * @param learningRate that the step would have had
 * @param notFinite names of what was not finite: arrays of the encoder's state, then parameters whose gradient was not, then what
 *     else of the step was not
 */
public record SkippedStep(double loss, double gradientNorm, double learningRate, List<String> notFinite) {

    /** The largest value of a gradient that a step is taken with: the optimiser squares it. */
    public static final float LARGEST_GRADIENT = (float) Math.sqrt(Float.MAX_VALUE);

    private static final int MOST_NAMES = 3;

    public SkippedStep {
        notFinite = List.copyOf(notFinite);
    }

    /**
     * Looks for what was not finite.
     *
     * @param state what the step would have started from
     * @param gradients one array a trained parameter, those of the classifier among them, by its name
     * @param statistics what batch normalisation observed, by its names
     */
    public static SkippedStep of(
            double loss, EncoderState state, List<Tensor> gradients, List<Tensor> statistics, double learningRate) {
        List<String> notFinite = new ArrayList<>(state.notFinite());
        double square = 0;
        for (Tensor gradient : gradients) {
            double part = square(gradient);
            square += part;
            if (!Double.isFinite(part) || exceeds(gradient)) {
                notFinite.add(gradient.name());
            }
        }
        for (Tensor statistic : statistics) {
            if (!Double.isFinite(square(statistic))) {
                notFinite.add(statistic.name());
            }
        }
        return new SkippedStep(loss, Math.sqrt(square), learningRate, notFinite);
    }

    private static boolean exceeds(Tensor gradient) {
        for (float value : gradient.values()) {
            if (Math.abs(value) > LARGEST_GRADIENT) {
                return true;
            }
        }
        return false;
    }

    /** Finite if all values are: squares of floats and their sums do not overflow a double. */
    private static double square(Tensor tensor) {
        double square = 0;
        for (float value : tensor.values()) {
            square += (double) value * value;
        }
        return square;
    }

    /** In one line, the first few names. */
    @Override
    public String toString() {
        String names = String.join(", ", notFinite.subList(0, Math.min(MOST_NAMES, notFinite.size())));
        int more = notFinite.size() - MOST_NAMES;
        return "loss " + loss + ", gradient norm " + gradientNorm + ", learning rate " + learningRate
                + (names.isEmpty() ? "" : ", not finite: " + names)
                + (more > 0 ? " and " + more + " more arrays" : "");
    }
}
