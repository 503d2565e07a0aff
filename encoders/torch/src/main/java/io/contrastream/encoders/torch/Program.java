package io.contrastream.encoders.torch;

import io.contrastream.learning.network.Network;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** A network as operations that run one after the other, in schedules that are made once. */
final class Program implements AutoCloseable {

    private final Network network;
    private final OperationTimes times;
    private final Operations operations;
    private final Schedule training;
    private final Map<String, Schedule> evaluations = new HashMap<>();

    Program(Network network, Weights weights, Target target, OperationTimes times) {
        this.network = network;
        this.times = times;
        this.operations = new Operations(network, weights, target);
        this.training = Schedule.of(network, operations.byName(), List.of(network.features(), network.projection()));
        for (String output : List.of(network.embedding(), network.projection())) {
            evaluations.put(output, Schedule.of(network, operations.byName(), List.of(output)));
        }
    }

    /**
     * The output of the embedding's or the projection's node for images, [N, D], with the running statistics. It belongs to the
     * caller's scope.
     *
     * @param images [N, C, H, W] on the device
     */
    Tensor evaluate(String output, Tensor images) {
        try (Tape tape = new Tape(false)) {
            tape.put(network.nodes().get(0).name(), images);
            for (Schedule.Step step : evaluations.get(output).steps()) {
                forward(tape, step);
                step.finished().forEach(tape::forget);
            }
            return new Tensor(tape.output(output));
        }
    }

    private void forward(Tape tape, Schedule.Step step) {
        try (PointerScope scope = new PointerScope()) {
            times.take(step.kind(), () -> tape.put(step.name(), step.operation().forward(tape)));
        }
    }

    /** What {@link #differentiate} needs to know of the loss. */
    interface Objective {

        /** The gradient with respect to the projections, [N, P]. */
        Tensor ofProjections(Tensor projections);

        /** The gradient with respect to the features, [N, D], beside that through the projections; null if there is none. */
        Tensor ofFeatures(Tensor features);
    }

    /** Computes the projections of images and, backwards from them, all gradients and the batch's statistics. */
    void differentiate(Tensor images, Objective objective) {
        try (Tape tape = new Tape(true)) {
            tape.put(network.nodes().get(0).name(), images);
            training.steps().forEach(step -> forward(tape, step));
            times.take("loss", () -> giveLoss(tape, objective));
            for (int i = training.steps().size() - 1; i >= 0; i--) {
                backward(tape, training.steps().get(i));
            }
        }
    }

    private void backward(Tape tape, Schedule.Step step) {
        Tensor gradient = tape.gradient(step.name());
        if (gradient != null) { // the images have none
            try (PointerScope scope = new PointerScope()) {
                times.take(step.backward(), () -> step.operation().backward(tape, gradient));
            }
        }
        tape.forget(step.name());
    }

    private void giveLoss(Tape tape, Objective objective) {
        tape.give(network.projection(), objective.ofProjections(tape.output(network.projection())));
        Tensor ofFeatures = objective.ofFeatures(tape.output(network.features()));
        if (ofFeatures != null) {
            tape.give(network.features(), ofFeatures);
        }
    }

    @Override
    public void close() {
        operations.close();
    }
}
