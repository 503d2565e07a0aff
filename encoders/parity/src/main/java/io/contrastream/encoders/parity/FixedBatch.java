package io.contrastream.encoders.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.network.ParameterSpec;
import io.contrastream.learning.network.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Trains an encoder on one batch again and again, and holds every step to what follows from mathematics whatever the processor
 * rounds: weights and slots go where the optimiser's equations send them, and the loss falls by what the gradient says.
 *
 * <p>Each step is judged from the state that the encoder itself has reached, so a rounding is not carried on to the next.
 *
 * @param engine a fresh encoder with the given optimiser, always of the same network
 * @param batch what it is trained on
 */
record FixedBatch(Function<OptimizerOptions, Encoder> engine, StepInput batch) {

    /**
     * Of the fall along a step: the trapezoid rule leaves out a third derivative, and a ReLU has a kink. Each is small where the step
     * is.
     */
    private static final double OF_FALL = 0.03;

    /** The loss is a sum of single precision. */
    private static final double OF_LOSS = 1e-6;

    /** One step of plain gradient descent with this rate subtracts the gradient itself. */
    private static final OptimizerOptions GRADIENT = OptimizerOptions.sgd(1, 0, 0);

    /** @throws AssertionError naming step, array and values where a step is not as it must be */
    void requireSteps(OptimizerOptions optimizer, int steps) {
        try (Encoder encoder = engine.apply(optimizer);
                Encoder probe = engine.apply(GRADIENT)) {
            List<ParameterSpec> specs = encoder.spec().network().parameters();
            double fallen = 0;
            float first = Float.NaN;
            Point before = null;
            for (int step = 0; step <= steps; step++) {
                EncoderState state = encoder.state();
                List<double[]> gradient = gradient(probe, state);
                float loss = Objectives.train(encoder, batch).loss();
                Point now = new Point(state, gradient, loss);
                if (before == null) {
                    first = loss;
                } else {
                    requireEquations(specs, optimizer, before, state);
                    double fall = fall(specs, before, now);
                    fallen += fall;
                    assertThat((double) before.loss() - loss)
                            .as("fall of the loss in step %d, with %s", step, optimizer)
                            .isCloseTo(fall, within(OF_FALL * Math.abs(fall) + OF_LOSS * first));
                }
                before = now;
            }
            assertThat(fallen).as("fall that the gradients say").isGreaterThan(10 * steps * OF_LOSS * first);
            assertThat(before.loss()).as("loss after all steps").isLessThan(first);
        }
    }

    /** A state, with the loss and its gradient there. */
    private record Point(EncoderState state, List<double[]> gradient, float loss) {}

    /** The gradient of every parameter; zeros of those that are not trained. */
    private List<double[]> gradient(Encoder probe, EncoderState state) {
        probe.load(new EncoderState(state.fingerprint(), state.step(), state.parameters(), List.of()));
        Objectives.train(probe, batch);
        List<Tensor> after = probe.state().parameters();
        List<double[]> gradient = new ArrayList<>();
        for (int i = 0; i < after.size(); i++) {
            float[] from = state.parameters().get(i).values();
            float[] to = after.get(i).values();
            double[] difference = new double[from.length];
            for (int k = 0; k < from.length; k++) {
                difference[k] = (double) from[k] - to[k];
            }
            gradient.add(difference);
        }
        return gradient;
    }

    private static void requireEquations(
            List<ParameterSpec> specs, OptimizerOptions optimizer, Point before, EncoderState after) {
        OptimizerEquations equations = new OptimizerEquations(optimizer, after.step());
        Map<String, float[]> slotsBefore = byName(before.state().optimizerSlots());
        Map<String, float[]> slotsAfter = byName(after.optimizerSlots());
        for (int i = 0; i < specs.size(); i++) {
            ParameterSpec parameter = specs.get(i);
            if (!parameter.role().trained()) {
                continue;
            }
            float[] from = before.state().parameters().get(i).values();
            float[] to = after.parameters().get(i).values();
            for (int k = 0; k < from.length; k++) {
                double gradient = before.gradient().get(i)[k];
                double uncertainty = Math.ulp((float) Math.max(Math.abs(from[k]), Math.abs(from[k] - gradient)));
                double[] slots = slots(optimizer, slotsBefore, parameter, k);
                double[] expected = equations.step(from[k], gradient, slots);
                double[] tolerance = equations.tolerance(from[k], gradient, uncertainty, slots);
                double[] found = slots(optimizer, slotsAfter, parameter, k);
                for (int value = 0; value < expected.length; value++) {
                    double of = value == 0 ? to[k] : found[value - 1];
                    // Not a fluent assertion: there are a hundred thousand values.
                    if (!(Math.abs(of - expected[value]) <= tolerance[value])) {
                        throw new AssertionError("%s of %s[%d] after step %d is %s, but must be %s within %s with %s"
                                .formatted(
                                        value == 0 ? "value" : optimizer.slots().get(value - 1),
                                        parameter.name(),
                                        k,
                                        after.step(),
                                        of,
                                        expected[value],
                                        tolerance[value],
                                        optimizer));
                    }
                }
            }
        }
    }

    private static Map<String, float[]> byName(List<Tensor> tensors) {
        Map<String, float[]> values = new HashMap<>();
        tensors.forEach(tensor -> values.put(tensor.name(), tensor.values()));
        return values;
    }

    private static double[] slots(
            OptimizerOptions optimizer, Map<String, float[]> slots, ParameterSpec parameter, int index) {
        return optimizer.slots().stream()
                .map(slot -> slots.get(slot + "/" + parameter.name()))
                .mapToDouble(values -> values == null ? 0 : values[index])
                .toArray();
    }

    /** ½ (∇f(w) + ∇f(w')) · (w − w'), the fall of f from w to w' but for its third derivative. */
    private static double fall(List<ParameterSpec> specs, Point from, Point to) {
        double fall = 0;
        for (int i = 0; i < specs.size(); i++) {
            if (specs.get(i).role().trained()) {
                float[] before = from.state().parameters().get(i).values();
                float[] after = to.state().parameters().get(i).values();
                double[] atStart = from.gradient().get(i);
                double[] atEnd = to.gradient().get(i);
                for (int k = 0; k < before.length; k++) {
                    fall += (atStart[k] + atEnd[k]) / 2 * ((double) before[k] - after[k]);
                }
            }
        }
        return fall;
    }
}
