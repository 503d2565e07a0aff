package io.contrastream.encoders.torch;

import io.contrastream.learning.network.Network;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** A network as operations that run one after the other, in schedules that are made once. */
final class Program implements AutoCloseable {

    private final Network network;
    private final OperationTimes times;
    private final Operations operations;
    private final Weights weights;
    private final Kernels kernels;
    private final Map<String, Schedule> evaluations = new HashMap<>();
    private final Map<Set<String>, Training> trainings = new HashMap<>();

    /**
     * That of a network.
     *
     * @param kernels the device's own, or null
     * @param replica null for an encoder that is the only one
     */
    Program(Network network, Weights weights, Target target, OperationTimes times, Kernels kernels, Replica replica) {
        this.network = network;
        this.times = times;
        this.operations = new Operations(network, weights, target, kernels, replica);
        this.weights = weights;
        this.kernels = kernels;
        for (String output : List.of(network.embedding(), network.projection(), network.features())) {
            evaluations.put(output, Schedule.of(operations.stages(), List.of(output)));
        }
    }

    /**
     * The output of the embedding's, the projection's or the features' node for images, [N, D], with the running statistics. It belongs to the
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

    /**
     * Runs the network up to an output as in training, for the statistics of the batch alone.
     *
     * @param images [N, C, H, W] on the device
     */
    void observe(String output, Tensor images) {
        try (Tape tape = new Tape(true)) {
            tape.put(network.nodes().get(0).name(), images);
            for (Schedule.Step step : evaluations.get(output).steps()) {
                forward(tape, step);
                step.finished().forEach(tape::forget);
            }
        }
    }

    /** Name of the node behind an output of the network. */
    String output(String tap) {
        return network.output(tap);
    }

    private void forward(Tape tape, Schedule.Step step) {
        try (PointerScope scope = new PointerScope()) {
            times.take(step.kind(), () -> tape.put(step.name(), step.operation().forward(tape)));
        }
    }

    /** The loss that {@link #differentiate} starts from. */
    interface Loss {

        /**
         * Gradients with respect to outputs, [N, D], by the names of the nodes.
         *
         * @param outputs of the nodes by their names
         */
        Map<String, Tensor> gradients(Function<String, Tensor> outputs);
    }

    /**
     * Computes some outputs for images and, backwards from them, all gradients and the batch's statistics.
     *
     * @param outputs names of the nodes that the loss looks at
     */
    void differentiate(Tensor images, Set<String> outputs, Loss loss) {
        Training training = trainings.computeIfAbsent(outputs, this::training);
        Schedule schedule = training.schedule();
        if (!training.whole()) {
            weights.gradients().flat().zero_(); // of what does not run
        }
        try (Tape tape = new Tape(true)) {
            tape.put(network.nodes().get(0).name(), images);
            schedule.steps().forEach(step -> forward(tape, step));
            times.take("loss", () -> loss.gradients(tape::output).forEach(tape::give));
            for (int i = schedule.steps().size() - 1; i >= 0; i--) {
                backward(tape, schedule.steps().get(i));
            }
            times.take("Convolution backward", () -> takeOver(tape.ofParameters()));
        }
    }

    /** Copies gradients of parameters to where all of them lie. */
    private void takeOver(Map<String, Tensor> gradients) {
        List<Tensor> to =
                gradients.keySet().stream().map(weights.gradients()::view).toList();
        List<Tensor> from = List.copyOf(gradients.values());
        if (kernels != null) {
            kernels.copy(from, to);
        } else {
            for (int i = 0; i < to.size(); i++) {
                to.get(i).copy_(from.get(i));
            }
        }
    }

    /** @param whole whether all nodes with parameters are in it */
    private record Training(Schedule schedule, boolean whole) {}

    private Training training(Set<String> outputs) {
        Schedule schedule = Schedule.of(operations.stages(), outputs);
        Set<String> running = schedule.steps().stream()
                .flatMap(step -> step.stage().nodes().stream())
                .collect(Collectors.toSet());
        return new Training(
                schedule,
                network.nodes().stream()
                        .filter(node -> !node.parameters().isEmpty())
                        .allMatch(node -> running.contains(node.name())));
    }

    private void backward(Tape tape, Schedule.Step step) {
        String name = step.name();
        if (tape.parts(name) > 0) { // the images have none
            try (PointerScope scope = new PointerScope()) {
                times.take(step.backward(), () -> {
                    boolean apart = step.operation().takesParts() && tape.parts(name) == 2;
                    Tensor gradient = apart ? tape.part(name, 0).gradient() : tape.gradient(name);
                    step.operation().backward(tape, gradient);
                });
            }
        }
        tape.forget(step.name());
    }

    @Override
    public void close() {
        operations.close();
    }
}
