package io.contrastream.encoders.parity;

import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.OptimizerOptions.Kind;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Network;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.objective.CrossEntropy;
import io.contrastream.learning.objective.Objective;
import io.contrastream.learning.objective.Sum;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Holds an engine's classifier against PyTorch in double precision: its first gradient, and after 20 optimiser steps beside the
 * contrastive loss all of its arrays, those of the network and the losses on the way. {@code classifier.py} has made the values.
 */
public abstract class ClassifierParityTest {

    private static final double ONE_PASS = TestDevice.OPTIONS.device().equals("cpu") ? 1e-4 : 1e-3;
    private static final double TRAINED = 1e-3;

    /** Of gradients at weights that have drifted apart, and of the way that an array went. */
    private static final double OF_WAY = 2e-2;

    /** A fresh encoder of the engine under test, with {@code spec.network().initialParameters(seed)}. */
    protected abstract Probe open(EncoderSpec spec, TrainingOptions training, long seed);

    @ParameterizedTest
    @EnumSource
    void theClassifiersNumbersAreThoseOfPyTorch(Kind kind) throws IOException {
        ParityCase golden = ParityCase.of("classifier");
        Inputs inputs = Inputs.of(golden);
        TrainingOptions training = golden.training(kind);
        Objective objective = Sum.of(
                Objectives.contrastive(training),
                new CrossEntropy(
                        Network.FEATURES, golden.number("classifier-weight"), golden.integer("classifier-seed")));
        Errors errors = new Errors(golden);
        try (Probe probe = open(golden.spec(), training, inputs.seed())) {
            EncoderState fresh = probe.encoder().state();
            probe.encoder()
                    .load(new EncoderState(fresh.fingerprint(), 0, inputs.parameters(fresh.parameters()), List.of()));
            List<Tensor> gradients = probe.gradients(inputs.views(0), inputs.labels(0), objective);
            rows(errors, "classifier-gradient", gradients.subList(gradients.size() - 2, gradients.size()), ONE_PASS);

            float[] losses = new float[golden.integer("steps")];
            for (int step = 0; step < losses.length; step++) {
                losses[step] = probe.train(inputs.views(step), inputs.labels(step), objective)
                        .loss();
            }
            EncoderState state = probe.encoder().state();
            errors.rows(kind + "-losses", losses, TRAINED);
            rows(errors, kind + "-classifier", state.classifier().subList(0, 2), TRAINED);
            List<String> slots = training.optimizer().slots();
            for (int slot = 0; slot < slots.size(); slot++) {
                List<Tensor> arrays = state.classifier().subList(2 + 2 * slot, 4 + 2 * slot);
                rows(errors, kind + "-" + slots.get(slot), arrays, OF_WAY);
            }
            errors.arrays(kind + "-weights", state.parameters(), TRAINED, OF_WAY);
        }
        System.out.println("classifier " + kind + ": " + errors);
        errors.requireWithinBounds();
    }

    /** Weights, a row a class, and behind them the biases. */
    private static void rows(Errors errors, String kind, List<Tensor> arrays, double bound) {
        float[] weights = arrays.get(0).values();
        float[] biases = arrays.get(1).values();
        float[] all = new float[weights.length + biases.length];
        System.arraycopy(weights, 0, all, 0, weights.length);
        System.arraycopy(biases, 0, all, weights.length, biases.length);
        errors.rows(kind, all, bound);
    }
}
