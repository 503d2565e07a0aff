package io.contrastream.encoders.parity;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.StepRate;
import io.contrastream.learning.encoder.StepResult;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.network.Network;
import io.contrastream.learning.objective.CrossEntropy;
import io.contrastream.learning.objective.Objective;
import io.contrastream.learning.objective.Sum;
import io.contrastream.learning.objective.SupCon;

/** Objectives of the engines' tests: the contrastive loss alone, and with a cross-entropy beside it. */
public final class Objectives {

    private Objectives() {}

    /** The contrastive loss alone. */
    public static SupCon contrastive(TrainingOptions training) {
        return new SupCon(Network.PROJECTION, training.temperature(), SupCon.Variant.OUT);
    }

    /** A classifier of the features beside it. */
    public static Objective classified(TrainingOptions training) {
        return Sum.of(contrastive(training), new CrossEntropy(Network.FEATURES, 1, 3));
    }

    /** One step on the contrastive loss alone. */
    public static StepResult train(Encoder encoder, StepInput input) {
        return encoder.train(input, contrastive(encoder.training()), StepRate.FULL);
    }
}
