package io.contrastream.encoders.parity;

import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.OptimizerOptions.Kind;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.objective.Objective;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Holds an engine against PyTorch in double precision: from the same weights and images, embeddings, projections, loss and the
 * gradient of every parameter; and after 20 optimiser steps with warm-up, schedule, weight decay and momentum every array of the
 * state. Errors are Euclidean, relative to the array of PyTorch; those of big arrays are told from {@link Sketch sketches}.
 */
public abstract class ParityTest {

    /** For what one pass through the network computes; a GPU rounds in its own way. */
    private static final double ONE_PASS = TestDevice.OPTIONS.device().equals("cpu") ? 1e-4 : 1e-3;

    /** For weights after all steps, and the losses on the way there. */
    private static final double TRAINED = 1e-3;

    /** The same, relative to the way that an array went: weights that hardly moved agree whatever the optimiser does. */
    private static final double OF_WAY = 2e-2;

    /**
     * For what the optimiser remembers at the end: gradients of steps of which not every one is clear of all kinks. The largest seen is
     * 1.5e-2, where one sign was turned; without one 1.3e-4.
     */
    private static final double SLOTS = 1e-1;

    /** A fresh encoder of the engine under test, with {@code spec.network().initialParameters(seed)}. */
    protected abstract Probe open(EncoderSpec spec, TrainingOptions training, long seed);

    static Stream<Arguments> cases() {
        return ParityCase.NAMES.stream()
                .flatMap(name -> Arrays.stream(Kind.values()).map(kind -> Arguments.of(name, kind)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theNumbersAreThoseOfPyTorch(String name, Kind kind) throws IOException {
        ParityCase golden = ParityCase.of(name);
        Inputs inputs = Inputs.of(golden);
        Objective objective = Objectives.contrastive(golden.training(kind));
        Errors errors = new Errors(golden);
        try (Probe probe = open(golden.spec(), golden.training(kind), inputs.seed())) {
            EncoderState fresh = probe.encoder().state();
            probe.encoder()
                    .load(new EncoderState(fresh.fingerprint(), 0, inputs.parameters(fresh.parameters()), List.of()));

            float[] views = inputs.views(0);
            int plain = golden.values("embedding").size();
            float[] images = Arrays.copyOf(views, plain * golden.spec().input().size());
            errors.rows("embedding", probe.encoder().embed(images, plain), ONE_PASS);
            errors.rows("projection", probe.project(images, plain), ONE_PASS);
            int clear = golden.integer("gradient-step");
            List<Tensor> gradient = probe.gradients(inputs.views(clear), inputs.labels(clear), objective);
            errors.gradient("gradient", gradient, ONE_PASS);

            float[] losses = new float[golden.integer("steps")];
            for (int step = 0; step < losses.length; step++) {
                losses[step] = probe.train(inputs.views(step), inputs.labels(step), objective)
                        .loss();
            }
            EncoderState state = probe.encoder().state();
            errors.rows("first-loss", Arrays.copyOf(losses, 1), ONE_PASS);
            errors.rows(kind + "-losses", losses, TRAINED);
            errors.arrays(kind + "-weights", state.parameters(), TRAINED, OF_WAY);
            errors.arrays(kind + "-slots", state.optimizerSlots(), SLOTS, SLOTS);
        }
        System.out.println(name + " " + kind + ": " + errors);
        errors.requireWithinBounds();
    }
}
