package io.contrastream.encoders.parity;

import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.OptimizerOptions.Kind;

/**
 * One optimiser step of one weight in double precision, written from the equations of {@code torch.optim.SGD} and
 * {@code torch.optim.Adam}; t counts from 1:
 *
 * <pre>
 *   g ← g + λ w
 *   SGD:   b ← μ b + g,   w ← w − η b
 *   Adam:  m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²,   w ← w − η m / (1 − β₁ᵗ) / (√(v / (1 − β₂ᵗ)) + ε)
 * </pre>
 *
 * @param options of the optimiser
 * @param t number of the step, from 1
 */
record OptimizerEquations(OptimizerOptions options, double t) {

    /** Bound on the sum of a few roundings to single precision, of 6e-8 each, relative to the largest term of a sum. */
    private static final double ROUNDING = 2e-6;

    /** Half of the distance of single-precision numbers just below 1. */
    private static final double LAST_BIT = 0x1p-25;

    /**
     * The weight after the step and behind it the slots, in the order of {@link OptimizerOptions#slots()}.
     *
     * @param slots before the step, 0 in front of the first one
     */
    double[] step(double weight, double gradient, double[] slots) {
        double decayed = gradient + options.weightDecay() * weight;
        double rate = options.learningRateAt((long) t - 1);
        if (options.kind() == Kind.SGD) {
            double buffer = slots.length == 0 ? decayed : options.momentum() * slots[0] + decayed;
            double after = weight - rate * buffer;
            return slots.length == 0 ? new double[] {after} : new double[] {after, buffer};
        }
        double mean = options.beta1() * slots[0] + (1 - options.beta1()) * decayed;
        double square = options.beta2() * slots[1] + (1 - options.beta2()) * decayed * decayed;
        return new double[] {weight - rate * mean / divisor(square), mean, square};
    }

    /**
     * How far single precision may be from {@link #step}, for each of its values: roundings relative to the terms that are added, the
     * last bit of the result, and what the uncertainty of the gradient makes of it.
     *
     * @param uncertainty of the gradient, at least 0
     */
    double[] tolerance(double weight, double gradient, double uncertainty, double[] slots) {
        double[] after = step(weight, gradient, slots);
        double[] above = step(weight, gradient + uncertainty, slots);
        double[] below = step(weight, gradient - uncertainty, slots);
        double[] rounded = rounded(Math.abs(weight), Math.abs(gradient), slots, after);
        double[] tolerance = new double[after.length];
        for (int i = 0; i < after.length; i++) {
            double ofGradient = Math.max(Math.abs(above[i] - after[i]), Math.abs(below[i] - after[i]));
            tolerance[i] = 2 * ofGradient + rounded[i] + Math.ulp((float) after[i]);
        }
        return tolerance;
    }

    /** Bound on the sum of roundings in each value except the last one. */
    private double[] rounded(double weight, double gradient, double[] slots, double[] after) {
        double decayed = gradient + options.weightDecay() * weight;
        double rate = options.learningRateAt((long) t - 1);
        if (options.kind() == Kind.SGD) {
            double buffer =
                    ROUNDING * (slots.length == 0 ? decayed : options.momentum() * Math.abs(slots[0]) + decayed);
            return slots.length == 0 ? new double[] {rate * buffer} : new double[] {rate * buffer, buffer};
        }
        // β itself is rounded, which is much of 1 − β.
        double mean = ROUNDING * (options.beta1() * Math.abs(slots[0]) + (1 - options.beta1()) * decayed)
                + LAST_BIT * (Math.abs(slots[0]) + decayed);
        double square = ROUNDING * after[2] + LAST_BIT * (slots[1] + decayed * decayed);
        double update = Math.abs(after[1]) * (ROUNDING + (after[2] == 0 ? 0 : square / after[2] / 2));
        return new double[] {rate * (mean + update) / divisor(after[2]), mean, square};
    }

    /** (1 − β₁ᵗ) · (√(v / (1 − β₂ᵗ)) + ε). */
    private double divisor(double square) {
        double ofMean = 1 - Math.pow(options.beta1(), t);
        double ofSquare = 1 - Math.pow(options.beta2(), t);
        return ofMean * (Math.sqrt(square / ofSquare) + options.epsilon());
    }
}
