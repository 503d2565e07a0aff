package io.contrastream.learning.objective;

import io.contrastream.learning.network.ParameterSpec;
import io.contrastream.learning.network.ParameterSpec.Role;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;

/** The class vectors of a {@link Proxy}: their name and shape, and how they start. They grow as a {@link Classifier} does. */
public final class Proxies {

    /** [K, D]. */
    public static final String WEIGHT = "proxies.weight";

    private Proxies() {}

    /**
     * Their array for some classes.
     *
     * @param features D, columns of the output that the loss looks at
     */
    public static ParameterSpec parameter(int classes, int features) {
        return new ParameterSpec(WEIGHT, new int[] {classes, features}, Role.LINEAR_WEIGHT, features);
    }

    /**
     * Initial vectors of some classes, [count, D]: N(0, 1/D), of any direction and a length of about 1; a pure function of the seed and the
     * class.
     *
     * @param from number of the first class
     */
    public static float[] initial(long seed, int from, int count, int features) {
        double deviation = 1 / Math.sqrt(features);
        float[] vectors = new float[count * features];
        for (int row = 0; row < count; row++) {
            RandomStream random = RandomStream.of(seed, Purpose.PROXIES, 0, from + row);
            for (int d = 0; d < features; d++) {
                vectors[row * features + d] = (float) (deviation * random.nextGaussian());
            }
        }
        return vectors;
    }

    /**
     * Holds the vectors to the output that a step has them compared with.
     *
     * @param features D, columns of the vectors
     * @param rows length of the output's rows
     * @throws IllegalArgumentException if they differ, naming both
     */
    public static void requireFeatures(int features, int rows) {
        if (features != rows) {
            throw new IllegalArgumentException("the class vectors of the proxy loss have " + features
                    + " values, but the rows of the output that it is to look at " + rows);
        }
    }
}
