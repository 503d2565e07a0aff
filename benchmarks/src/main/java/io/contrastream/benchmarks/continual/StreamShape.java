package io.contrastream.benchmarks.continual;

import java.math.BigDecimal;

/**
 * Deviations of a stream from clean stages of equally frequent classes.
 *
 * @param zipf exponent s of the classes' frequencies: the class of rank r, from 1, has a share r^-s of the images that it would have
 *     otherwise; ranks are random. In [0, 10]; 0 if all classes are equally frequent
 * @param blur most stages by which an image comes earlier or later than its place, in [0, 1]; 0 for sharp boundaries
 * @param returning share of a class's images that come in later stages than its own, in [0, 0.9]
 * @param labelNoise share of images whose label is that of another class that is known by then, in [0, 0.9]
 */
record StreamShape(double zipf, double blur, double returning, double labelNoise) {

    /** Clean stages of equally frequent classes. */
    static final StreamShape STAGED = new StreamShape(0, 0, 0, 0);

    /** @throws IllegalArgumentException naming the option that sets it, its value and its range if one is out of it */
    StreamShape {
        inRange("--zipf", zipf, 10);
        inRange("--blur", blur, 1);
        inRange("--returning", returning, 0.9);
        inRange("--label-noise", labelNoise, 0.9);
    }

    private static void inRange(String option, double value, double most) {
        if (!(value >= 0 && value <= most)) {
            throw new IllegalArgumentException(option + " is " + value + ", but must be a number from 0 to "
                    + BigDecimal.valueOf(most).stripTrailingZeros().toPlainString());
        }
    }

    /** Images of a class whose rank is counted from 0, of so many that it would have among equally frequent ones; at least 1. */
    int images(int rank, int most) {
        return (int) Math.max(1, Math.round(most / StrictMath.pow(rank + 1, zipf)));
    }
}
