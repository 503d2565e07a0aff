package io.contrastream.learning.encoder;

import java.io.Serializable;

/**
 * What an encoder minimises and how.
 *
 * @param optimizer the optimiser
 * @param temperature τ of the loss, above 0; 0.07 to 0.5 are usual
 */
public record TrainingOptions(OptimizerOptions optimizer, double temperature) implements Serializable {

    /** @throws IllegalArgumentException if the temperature is not above 0 */
    public TrainingOptions {
        if (!(temperature > 0 && Double.isFinite(temperature))) {
            throw new IllegalArgumentException("temperature must be above 0, but is " + temperature);
        }
    }
}
