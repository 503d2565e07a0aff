package io.contrastream.learning.learner;

import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.network.Network;
import io.contrastream.learning.objective.CrossEntropy;
import io.contrastream.learning.objective.Distill;
import io.contrastream.learning.objective.Objective;
import io.contrastream.learning.objective.Proxy;
import io.contrastream.learning.objective.Sum;
import io.contrastream.learning.objective.SupCon;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Losses beside the contrastive one.
 *
 * @param classifierWeight weight of a {@link CrossEntropy} of the features, at least 0; 0 for none
 * @param classifierScope of that
 * @param distillationWeight weight of a {@link Distill} of the same classifier, at least 0; 0 for none
 * @param distillationTemperature of that, above 0
 * @param proxyWeight weight of a {@link Proxy} of the features, at least 0; 0 for none
 * @param proxyTemperature of that, above 0
 * @param stageWeight weight of a contrastive loss of each of {@link Network#STAGES}, at least 0; 0 for none
 */
public record LossOptions(
        double classifierWeight,
        CrossEntropy.Scope classifierScope,
        double distillationWeight,
        double distillationTemperature,
        double proxyWeight,
        double proxyTemperature,
        double stageWeight)
        implements Serializable {

    /** The contrastive loss alone. */
    public static final LossOptions CONTRASTIVE = classified(0);

    /** @throws IllegalArgumentException naming the value and its range if one is out of it, or if there is nothing to distil */
    public LossOptions {
        require(classifierWeight >= 0, "classifier weight", classifierWeight, "at least 0");
        require(distillationWeight >= 0, "distillation weight", distillationWeight, "at least 0");
        require(distillationTemperature > 0, "distillation temperature", distillationTemperature, "above 0");
        require(proxyWeight >= 0, "proxy weight", proxyWeight, "at least 0");
        require(proxyTemperature > 0, "proxy temperature", proxyTemperature, "above 0");
        require(stageWeight >= 0, "stage weight", stageWeight, "at least 0");
        if (distillationWeight > 0 && classifierWeight == 0) {
            throw new IllegalArgumentException(
                    "distillation weight is " + distillationWeight + ", but the classifier weight is 0");
        }
    }

    /** A classifier beside it, or none with a weight of 0. */
    public static LossOptions classified(double classifierWeight) {
        return new LossOptions(classifierWeight, CrossEntropy.Scope.JOINT, 0, 4, 0, 0.07, 0);
    }

    private static void require(boolean valid, String what, double value, String allowed) {
        if (!valid || !Double.isFinite(value)) {
            throw new IllegalArgumentException(what + " must be " + allowed + ", but is " + value);
        }
    }

    /** All of it as an engine takes it. */
    public Objective objective(TrainingOptions training, long seed) {
        List<Objective> terms = new ArrayList<>();
        terms.add(new SupCon(Network.PROJECTION, training.temperature(), SupCon.Variant.OUT));
        if (classifierWeight > 0) {
            terms.add(new CrossEntropy(Network.FEATURES, classifierWeight, seed, classifierScope));
        }
        if (distillationWeight > 0) {
            terms.add(new Distill(Network.FEATURES, distillationTemperature, distillationWeight));
        }
        if (proxyWeight > 0) {
            terms.add(new Proxy(Network.FEATURES, proxyTemperature, proxyWeight, seed));
        }
        if (stageWeight > 0) {
            for (String stage : Network.STAGES) {
                terms.add(new SupCon(stage, training.temperature(), SupCon.Variant.OUT, stageWeight));
            }
        }
        return terms.size() == 1 ? terms.get(0) : new Sum(terms);
    }
}
