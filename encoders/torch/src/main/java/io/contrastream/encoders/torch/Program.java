package io.contrastream.encoders.torch;

import io.contrastream.learning.network.Network;
import io.contrastream.learning.network.Node;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** A network as operations that run one after the other. */
final class Program implements AutoCloseable {

    private final Network network;
    private final Map<String, Node> nodes;
    private final OperationTimes times;
    private final Map<String, Operation> operations = new HashMap<>();
    private final List<NormalizeOperation> owned = new ArrayList<>();

    Program(Network network, Weights weights, Target target, OperationTimes times) {
        this.network = network;
        this.times = times;
        this.nodes = network.nodes().stream().collect(Collectors.toMap(Node::name, Function.identity()));
        for (Node node : network.nodes()) {
            if (!(node instanceof Node.Input)) {
                operations.put(node.name(), operation(node, weights, target));
            }
        }
    }

    private Operation operation(Node node, Weights weights, Target target) {
        if (node instanceof Node.Convolution convolution) {
            boolean first = nodes.get(convolution.input()) instanceof Node.Normalize;
            return new ConvolutionOperation(convolution, weights, first);
        } else if (node instanceof Node.BatchNorm norm) {
            return new BatchNormOperation(norm, weights);
        } else if (node instanceof Node.Relu relu) {
            return new ReluOperation(relu, overwritable(relu.input()));
        } else if (node instanceof Node.Add add) {
            return new AddOperation(add, overwritable(add.left()));
        } else if (node instanceof Node.MaxPool pool) {
            return new MaxPoolOperation(pool);
        } else if (node instanceof Node.GlobalAveragePool pool) {
            return new MeanPoolOperation(pool);
        } else if (node instanceof Node.Linear linear) {
            return new LinearOperation(linear, weights);
        } else if (node instanceof Node.L2Normalize unit) {
            return new UnitOperation(unit);
        } else if (node instanceof Node.Normalize normalize) {
            NormalizeOperation operation = new NormalizeOperation(normalize, target);
            owned.add(operation);
            return operation;
        }
        throw new IllegalArgumentException("no operation for " + node);
    }

    /** Whether nothing but its one consumer looks at a node's output, and the way back never does. */
    private boolean overwritable(String name) {
        Node node = nodes.get(name);
        return (node instanceof Node.BatchNorm || node instanceof Node.Add)
                && network.nodes().stream()
                                .filter(other -> other.inputs().contains(name))
                                .count()
                        == 1;
    }

    /**
     * The output of one node for images, [N, D], with the running statistics. It belongs to the caller's scope.
     *
     * @param images [N, C, H, W] on the device
     */
    Tensor evaluate(String target, Tensor images) {
        try (Tape tape = new Tape(false)) {
            List<String> order = needed(target);
            forward(tape, order, images);
            return new Tensor(tape.output(target));
        }
    }

    private void forward(Tape tape, List<String> order, Tensor images) {
        tape.put(network.nodes().get(0).name(), images);
        for (int i = 0; i < order.size(); i++) {
            String name = order.get(i);
            try (PointerScope scope = new PointerScope()) {
                times.take(kind(name), () -> tape.put(name, operations.get(name).forward(tape)));
            }
            if (!tape.training()) {
                List<String> later = order.subList(i + 1, order.size());
                for (String input : nodes.get(name).inputs()) {
                    if (later.stream()
                            .noneMatch(other -> nodes.get(other).inputs().contains(input))) {
                        tape.forget(input);
                    }
                }
            }
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
            List<String> order = needed(network.projection());
            forward(tape, order, images);
            times.take("loss", () -> giveLoss(tape, objective));
            for (int i = order.size() - 1; i >= 0; i--) {
                String name = order.get(i);
                if (!(nodes.get(name) instanceof Node.Normalize)) {
                    try (PointerScope scope = new PointerScope()) {
                        times.take(
                                kind(name) + " backward",
                                () -> operations.get(name).backward(tape, tape.gradient(name)));
                    }
                }
                tape.forget(name);
            }
        }
    }

    /** What a node is called in {@link OperationTimes}. */
    private String kind(String name) {
        return nodes.get(name).getClass().getSimpleName();
    }

    private void giveLoss(Tape tape, Objective objective) {
        tape.give(network.projection(), objective.ofProjections(tape.output(network.projection())));
        Tensor ofFeatures = objective.ofFeatures(tape.output(network.features()));
        if (ofFeatures != null) {
            tape.give(network.features(), ofFeatures);
        }
    }

    /** The nodes that one needs, itself the last, in their order and without the input. */
    private List<String> needed(String target) {
        Set<String> names = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(target));
        while (!open.isEmpty()) {
            String name = open.pop();
            if (names.add(name)) {
                open.addAll(nodes.get(name).inputs());
            }
        }
        return network.nodes().stream()
                .map(Node::name)
                .filter(name -> names.contains(name) && operations.containsKey(name))
                .toList();
    }

    @Override
    public void close() {
        owned.forEach(NormalizeOperation::close);
    }
}
