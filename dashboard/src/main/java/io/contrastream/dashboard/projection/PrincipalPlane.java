package io.contrastream.dashboard.projection;

import java.util.SplittableRandom;

/**
 * The plane through the mean of some vectors on which most of their spread is seen: that of the two leading eigenvectors of their
 * covariance, found by orthogonal iteration without making the covariance, in O(N · D) an iteration.
 *
 * <p>Source: Golub and Van Loan, <i>Matrix Computations</i>, 4th edition, §7.3.2.
 */
final class PrincipalPlane {

    private static final int MOST_ITERATIONS = 200;
    private static final double STILL = 1e-10;
    private static final double NOTHING = 1e-12;

    private PrincipalPlane() {}

    /**
     * Finds it.
     *
     * @param vectors [N, D], at least one, D at least 2
     */
    static Plane of(float[][] vectors) {
        int dimension = vectors[0].length;
        double[] centre = new double[dimension];
        for (float[] vector : vectors) {
            for (int k = 0; k < dimension; k++) {
                centre[k] += vector[k] / (double) vectors.length;
            }
        }
        SplittableRandom random = new SplittableRandom(1);
        double[] first = random.doubles(dimension, -1, 1).toArray();
        double[] second = random.doubles(dimension, -1, 1).toArray();
        orthonormalise(first, second, random);
        for (int i = 0; i < MOST_ITERATIONS; i++) {
            double[] nextFirst = new double[dimension];
            double[] nextSecond = new double[dimension];
            multiply(vectors, centre, first, nextFirst, second, nextSecond);
            orthonormalise(nextFirst, nextSecond, random);
            double left = outside(first, nextFirst, nextSecond) + outside(second, nextFirst, nextSecond);
            first = nextFirst;
            second = nextSecond;
            if (left < STILL) {
                break;
            }
        }
        return new Plane(centre, first, second);
    }

    /** a' = Σ (v − c) ((v − c) · a), and the same for b. */
    private static void multiply(
            float[][] vectors, double[] centre, double[] a, double[] toA, double[] b, double[] toB) {
        double[] moved = new double[centre.length];
        for (float[] vector : vectors) {
            double alongA = 0;
            double alongB = 0;
            for (int k = 0; k < moved.length; k++) {
                moved[k] = vector[k] - centre[k];
                alongA += moved[k] * a[k];
                alongB += moved[k] * b[k];
            }
            for (int k = 0; k < moved.length; k++) {
                toA[k] += alongA * moved[k];
                toB[k] += alongB * moved[k];
            }
        }
    }

    /** Gram-Schmidt; a direction in which there is no spread becomes any that is orthogonal. */
    private static void orthonormalise(double[] first, double[] second, SplittableRandom random) {
        normalise(first, null, random);
        normalise(second, first, random);
    }

    private static void normalise(double[] vector, double[] other, SplittableRandom random) {
        double before = Math.sqrt(dot(vector, vector));
        for (int pass = 0; ; pass++) {
            if (other != null) {
                double along = dot(vector, other);
                for (int k = 0; k < vector.length; k++) {
                    vector[k] -= along * other[k];
                }
            }
            double length = Math.sqrt(dot(vector, vector));
            boolean gone = !(length > NOTHING * Math.max(1e-30, before)) || length < 1e-150;
            if (!gone) {
                for (int k = 0; k < vector.length; k++) {
                    vector[k] /= length;
                }
                // Once more: of nearly parallel vectors the first difference is mostly rounding.
                if (other == null || pass > 0) {
                    return;
                }
            } else {
                for (int k = 0; k < vector.length; k++) {
                    vector[k] = random.nextDouble(-1, 1);
                }
                before = Math.sqrt(dot(vector, vector));
            }
        }
    }

    /** Squared length of what a unit vector has outside of a plane. */
    private static double outside(double[] vector, double[] first, double[] second) {
        double alongFirst = dot(vector, first);
        double alongSecond = dot(vector, second);
        return Math.max(0, 1 - alongFirst * alongFirst - alongSecond * alongSecond);
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int k = 0; k < a.length; k++) {
            sum += a[k] * b[k];
        }
        return sum;
    }
}
