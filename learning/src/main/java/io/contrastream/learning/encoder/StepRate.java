package io.contrastream.learning.encoder;

/**
 * How much of the optimiser's learning rate a step takes.
 *
 * @param factor what the learning rate is multiplied by, above 0
 */
public record StepRate(double factor) {

    /** All of it. */
    public static final StepRate FULL = new StepRate(1);

    /** @throws IllegalArgumentException if the factor is not above 0 */
    public StepRate {
        if (!(factor > 0 && Double.isFinite(factor))) {
            throw new IllegalArgumentException(
                    "the factor of a step's learning rate must be above 0, but is " + factor);
        }
    }
}
