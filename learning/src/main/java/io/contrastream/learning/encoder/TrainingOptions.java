package io.contrastream.learning.encoder;

import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Network;
import java.io.Serializable;

/**
 * Objective and optimiser of an encoder.
 *
 * @param optimizer the optimiser
 * @param temperature τ of the learner's contrastive loss, above 0; 0.07 to 0.5 are usual
 * @param averagingDecay share that an average keeps of itself at every step, in [0, 1), once there have been some; or 0 for no
 *     averages: see {@link #averagingDecayAt}
 * @param stages whether losses may look at the outputs {@link Network#STAGES} too
 */
public record TrainingOptions(OptimizerOptions optimizer, double temperature, double averagingDecay, boolean stages)
        implements Serializable {

    /** @throws IllegalArgumentException naming the value and its range if one is out of it */
    public TrainingOptions {
        OptimizerOptions.require(
                averagingDecay >= 0 && averagingDecay < 1, "averaging decay", averagingDecay, "in [0, 1)");
        if (!(temperature > 0 && Double.isFinite(temperature))) {
            throw new IllegalArgumentException("temperature must be above 0, but is " + temperature);
        }
    }

    /** Whose losses look at the network's end alone. */
    public TrainingOptions(OptimizerOptions optimizer, double temperature, double averagingDecay) {
        this(optimizer, temperature, averagingDecay, false);
    }

    /** Without averages. */
    public TrainingOptions(OptimizerOptions optimizer, double temperature) {
        this(optimizer, temperature, 0);
    }

    /** The network that is trained: that of the specification, with the outputs that losses may look at. */
    public Network network(EncoderSpec spec) {
        return stages ? spec.network().withStages() : spec.network();
    }

    /** Whether {@link Encoder#embed} takes exponential moving averages of all arrays instead of the newest ones. */
    public boolean averages() {
        return averagingDecay > 0;
    }

    /**
     * Share that the averages keep of themselves at the optimiser step after {@code step} earlier ones, the rest being that of the
     * arrays after the step: min(decay, (1 + step) / (10 + step)), so that the first steps, far from where training leads, are soon
     * forgotten.
     */
    public double averagingDecayAt(long step) {
        return Math.min(averagingDecay, (1.0 + step) / (10.0 + step));
    }
}
