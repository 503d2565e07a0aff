package io.contrastream.learning.objective;

import io.contrastream.learning.network.ParameterSpec;
import io.contrastream.learning.network.ParameterSpec.Role;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.List;

/** The arrays of a {@link CrossEntropy}'s linear classifier: their names and shapes, how they start and how they grow. */
public final class Classifier {

    /** [K, D]. */
    public static final String WEIGHT = "classifier.weight";

    /** [K]. */
    public static final String BIAS = "classifier.bias";

    /** Before the names of their averages. */
    public static final String AVERAGES = "averages/";

    private static final int LEAST_CAPACITY = 16;

    private Classifier() {}

    /**
     * Its arrays, weight and bias, for some classes.
     *
     * @param features D, columns of the output that it looks at
     */
    public static List<ParameterSpec> parameters(int classes, int features) {
        return List.of(
                new ParameterSpec(WEIGHT, new int[] {classes, features}, Role.LINEAR_WEIGHT, features),
                new ParameterSpec(BIAS, new int[] {classes}, Role.LINEAR_BIAS, features));
    }

    /** Rows to keep room for: the smallest power of two that holds the classes, so that growing is rare. */
    public static int capacity(int classes) {
        return Math.max(LEAST_CAPACITY, Integer.highestOneBit(Math.max(1, classes - 1)) << 1);
    }

    /**
     * Initial weights of some classes, [count, D]: PyTorch's of a linear layer, U(−1/√D, 1/√D), a pure function of the seed and the
     * class. Biases start at 0.
     *
     * @param from number of the first class
     */
    public static float[] initialWeights(long seed, int from, int count, int features) {
        double bound = 1 / Math.sqrt(features);
        float[] weights = new float[count * features];
        for (int row = 0; row < count; row++) {
            RandomStream random = RandomStream.of(seed, Purpose.CLASSIFIER, 0, from + row);
            for (int d = 0; d < features; d++) {
                weights[row * features + d] = (float) random.nextDouble(-bound, bound);
            }
        }
        return weights;
    }

    /**
     * Holds a classifier to the output that a step has it look at.
     *
     * @param features D, columns of its weights
     * @param rows length of the output's rows
     * @throws IllegalArgumentException if they differ, naming both
     */
    public static void requireFeatures(int features, int rows) {
        if (features != rows) {
            throw new IllegalArgumentException("the classifier is of rows of " + features
                    + " values, but the output that it is to look at has " + rows);
        }
    }

    /**
     * Classes after a step of these labels.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static int grown(int classes, int[] labels) {
        int most = classes;
        for (int label : labels) {
            most = Math.max(most, label + 1);
        }
        if (most == 0) {
            throw new IllegalArgumentException("a loss that tells classes apart needs an image with a label");
        }
        return most;
    }
}
