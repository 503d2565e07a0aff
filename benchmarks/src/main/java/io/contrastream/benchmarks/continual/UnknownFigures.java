package io.contrastream.benchmarks.continual;

import java.util.Arrays;
import java.util.Collection;

/**
 * How well a score tells images of classes that were not taught from those of classes that were.
 *
 * @param falseAlarmRate share of the known images above the threshold
 * @param worstClass the same of the class of which it is largest
 * @param found share of the strangers above the threshold
 * @param auroc area under the receiver operating characteristic: the probability that a stranger's score is above a known image's,
 *     half of it where they are equal
 */
record UnknownFigures(double falseAlarmRate, double worstClass, double found, double auroc) {

    /**
     * Counts them.
     *
     * @param known scores of images of every class that was taught
     * @param strangers scores of images of the others
     */
    static UnknownFigures of(Collection<double[]> known, double[] strangers, double threshold) {
        double[] all = known.stream().flatMapToDouble(Arrays::stream).toArray();
        double worst =
                known.stream().mapToDouble(of -> above(of, threshold)).max().orElse(Double.NaN);
        return new UnknownFigures(above(all, threshold), worst, above(strangers, threshold), auroc(all, strangers));
    }

    private static double above(double[] scores, double threshold) {
        return Arrays.stream(scores)
                .map(score -> score > threshold ? 1 : 0)
                .average()
                .orElse(Double.NaN);
    }

    private static double auroc(double[] known, double[] strangers) {
        double[] ascending = known.clone();
        Arrays.sort(ascending);
        double sum = 0;
        for (double stranger : strangers) {
            sum += (firstFrom(ascending, stranger, false) + firstFrom(ascending, stranger, true)) / 2.0;
        }
        return sum / known.length / strangers.length;
    }

    /** Index of the first value that is at least the score, or above it. */
    private static int firstFrom(double[] ascending, double score, boolean above) {
        int low = 0;
        int high = ascending.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ascending[middle] < score || (above && ascending[middle] == score)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
