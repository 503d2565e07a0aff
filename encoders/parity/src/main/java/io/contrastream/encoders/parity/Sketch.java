package io.contrastream.encoders.parity;

import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;

/**
 * An array of any size in a few numbers, from which the distance to another array of that size can be told: its inner products
 * with vectors r of independent random signs. For the difference d of two arrays,
 *
 * <pre>
 *   E[(r·d)²] = Σᵢⱼ dᵢ dⱼ E[rᵢ rⱼ] = ‖d‖²
 * </pre>
 *
 * so that the mean of the squared differences of the products estimates ‖d‖² without bias, whatever d is: no error can hide
 * where it is not looked for, as it could with a sample of values. With 8 products the estimate of ‖d‖ is off by a quarter
 * (standard deviation); one of less than half the true distance has a probability of about 2%, and a defect rarely reaches one
 * array alone (Johnson and Lindenstrauss; with signs, Achlioptas 2003).
 */
final class Sketch {

    private Sketch() {}

    /** As many inner products as asked for: bit k of the i-th number of the array's stream is the i-th sign of product k. */
    static double[] of(float[] values, int products, long seed, int index) {
        RandomStream random = RandomStream.of(seed, Purpose.SHUFFLE, 0, index);
        double[] sums = new double[products];
        for (float value : values) {
            long bits = random.nextLong();
            for (int k = 0; k < products; k++) {
                sums[k] += (1 - 2 * ((bits >>> k) & 1)) * (double) value;
            }
        }
        return sums;
    }

    /** Estimate of the Euclidean distance of two arrays. */
    static double distance(double[] one, double[] other) {
        double square = 0;
        for (int k = 0; k < one.length; k++) {
            square += (one[k] - other[k]) * (one[k] - other[k]);
        }
        return Math.sqrt(square / one.length);
    }
}
