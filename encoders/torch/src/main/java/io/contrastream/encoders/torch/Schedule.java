package io.contrastream.encoders.torch;

import io.contrastream.learning.network.Network;
import io.contrastream.learning.network.Node;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The nodes that some outputs of a network need, in their order, worked out once: what runs, and what it is the last one to look at.
 *
 * @param steps one for each node but the input
 */
record Schedule(List<Step> steps) {

    Schedule {
        steps = List.copyOf(steps);
    }

    /**
     * A node's turn.
     *
     * @param name of the node
     * @param kind of the node, for {@link OperationTimes}
     * @param operation what runs
     * @param finished inputs of the node that no later one takes: they can be freed in a pass without a way back
     */
    record Step(String name, String kind, Operation operation, List<String> finished) {

        /** The kind's name on the way back. */
        String backward() {
            return kind + " backward";
        }
    }

    /**
     * The schedule for some outputs.
     *
     * @param operations of all nodes but the input, by the nodes' names
     * @param outputs names of nodes, which nothing frees
     */
    static Schedule of(Network network, Map<String, Operation> operations, Collection<String> outputs) {
        List<Node> nodes = needed(network, outputs);
        Map<String, Node> lastConsumer = new HashMap<>();
        nodes.forEach(node -> node.inputs().forEach(input -> lastConsumer.put(input, node)));
        List<Step> steps = new ArrayList<>();
        for (Node node : nodes) {
            if (operations.containsKey(node.name())) {
                List<String> finished = node.inputs().stream()
                        .distinct()
                        .filter(input -> lastConsumer.get(input) == node && !outputs.contains(input))
                        .toList();
                steps.add(
                        new Step(node.name(), node.getClass().getSimpleName(), operations.get(node.name()), finished));
            }
        }
        return new Schedule(steps);
    }

    private static List<Node> needed(Network network, Collection<String> outputs) {
        Set<String> names = new HashSet<>(outputs);
        List<Node> nodes = new ArrayList<>();
        for (int i = network.nodes().size() - 1; i >= 0; i--) {
            Node node = network.nodes().get(i);
            if (names.contains(node.name())) {
                names.addAll(node.inputs());
                nodes.add(0, node);
            }
        }
        return nodes;
    }
}
