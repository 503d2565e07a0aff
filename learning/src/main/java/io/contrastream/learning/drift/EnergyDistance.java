package io.contrastream.learning.drift;

import java.util.List;

/**
 * The energy distance of two samples (Székely and Rizzo, <i>Energy statistics: a class of statistics based on distances</i>, J. Statistical
 * Planning and Inference 143, 2013), as a share of the distance between them:
 *
 * <pre>
 * H = (2 A − B − C) / 2 A,   A = mean |x − y|,   B = mean |x − x'|,   C = mean |y − y'|
 * </pre>
 *
 * <p>0 if and only if the samples are the same, 1 if each of them is one point and another. For samples of n from one distribution, H is
 * about 1/n.
 */
final class EnergyDistance {

    private EnergyDistance() {}

    /**
     * H, in [0, 1].
     *
     * @param xs rows of equal length, at least one
     * @param ys the same
     */
    static double between(List<float[]> xs, List<float[]> ys) {
        double apart = mean(xs, ys);
        return apart == 0 ? 0 : Math.max(0, 1 - (mean(xs, xs) + mean(ys, ys)) / (2 * apart));
    }

    private static double mean(List<float[]> xs, List<float[]> ys) {
        double sum = 0;
        for (float[] x : xs) {
            for (float[] y : ys) {
                sum += distance(x, y);
            }
        }
        return sum / ((double) xs.size() * ys.size());
    }

    private static double distance(float[] x, float[] y) {
        double squares = 0;
        for (int k = 0; k < x.length; k++) {
            double difference = x[k] - y[k];
            squares += difference * difference;
        }
        return Math.sqrt(squares);
    }
}
