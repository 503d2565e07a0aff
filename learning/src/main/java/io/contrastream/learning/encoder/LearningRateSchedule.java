package io.contrastream.learning.encoder;

import java.io.Serializable;
import java.util.Locale;

/**
 * How the learning rate changes over the optimiser steps t = 0, 1, …: PyTorch's {@code LinearLR} from 1 / (w + 1) over w steps,
 * followed by nothing or by its {@code CosineAnnealingLR} over d steps, and by the value that this ends in. As a share of the
 * full learning rate, with f the final fraction and u = (t − w) / d:
 *
 * <pre>
 *   (t + 1) / (w + 1)              while t &lt; w
 *   1                              then, if constant
 *   f + (1 − f) (1 + cos πu) / 2   then, if cosine, while u &lt; 1
 *   f                              from there on: a stream has no end
 * </pre>
 *
 * @param warmupSteps w, at least 0
 * @param decay what follows the warm-up
 * @param decaySteps d, at least 1; of no effect if constant
 * @param finalFraction f, in (0, 1]; of no effect if constant
 */
public record LearningRateSchedule(int warmupSteps, Decay decay, int decaySteps, double finalFraction)
        implements Serializable {

    /** The full learning rate from the first step on. */
    public static final LearningRateSchedule CONSTANT = new LearningRateSchedule(0, Decay.CONSTANT, 1, 1);

    /** @throws IllegalArgumentException naming the value and its range if one is out of it */
    public LearningRateSchedule {
        OptimizerOptions.require(warmupSteps >= 0, "warm-up steps", warmupSteps, "at least 0");
        OptimizerOptions.require(decaySteps >= 1, "decay steps", decaySteps, "at least 1");
        OptimizerOptions.require(finalFraction > 0 && finalFraction <= 1, "final fraction", finalFraction, "in (0, 1]");
    }

    /** Share of the full learning rate that the optimiser step after {@code step} earlier ones takes, in (0, 1]. */
    public double factorAt(long step) {
        if (step < warmupSteps) {
            return (step + 1) / (warmupSteps + 1.0);
        }
        if (decay == Decay.CONSTANT) {
            return 1;
        }
        double progress = Math.min(1, (step - warmupSteps) / (double) decaySteps);
        return finalFraction + (1 - finalFraction) * (1 + StrictMath.cos(Math.PI * progress)) / 2;
    }

    /** Shape of the schedule after the warm-up. */
    public enum Decay {
        CONSTANT,
        COSINE;

        /** Its name in options: {@code constant}, {@code cosine}. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
