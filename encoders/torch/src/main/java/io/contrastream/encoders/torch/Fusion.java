package io.contrastream.encoders.torch;

import io.contrastream.learning.network.Network;
import io.contrastream.learning.network.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * A batch normalisation with what follows it: a ReLU, or a sum and a ReLU.
 *
 * @param residual name of the node whose output is added, or null
 * @param nodes names of all of its nodes, in their order
 * @param inPlace whether nothing else takes the normalisation's input
 */
record Fusion(Node.BatchNorm norm, String residual, List<String> nodes, boolean inPlace) {

    Fusion {
        nodes = List.copyOf(nodes);
    }

    boolean relu() {
        return nodes.size() > 1;
    }

    List<String> inputs() {
        return residual == null ? List.of(norm.input()) : List.of(norm.input(), residual);
    }

    /**
     * Those of a network, by the names of their last nodes. What runs in the middle of one is nobody else's input and no output.
     *
     * @param consumers how many nodes take a node's output, by its name
     * @param take whether a number of channels is supported
     */
    static Map<String, Fusion> of(Network network, Map<String, Integer> consumers, IntPredicate take) {
        Set<String> outputs = Set.of(network.embedding(), network.projection(), network.features());
        Map<String, Fusion> fusions = new HashMap<>();
        Map<String, Node> hidden = new HashMap<>(); // nodes that may run in the middle of one
        for (Node node : network.nodes()) {
            Fusion fusion = null;
            if (node instanceof Node.BatchNorm norm && take.test(norm.channels())) {
                boolean inPlace = consumers.get(norm.input()) == 1;
                fusion = new Fusion(norm, null, List.of(norm.name()), inPlace);
            } else if (node instanceof Node.Relu relu) {
                fusion = behind(relu, hidden, fusions);
            }
            if (fusion != null) {
                fusion.nodes().forEach(fusions::remove);
                fusions.put(node.name(), fusion);
            }
            if (consumers.getOrDefault(node.name(), 0) == 1 && !outputs.contains(node.name())) {
                hidden.put(node.name(), node);
            }
        }
        return fusions;
    }

    private static Fusion behind(Node.Relu relu, Map<String, Node> hidden, Map<String, Fusion> fusions) {
        Node before = hidden.get(relu.input());
        if (before instanceof Node.Add add) {
            Fusion left = norm(add.left(), hidden, fusions);
            Fusion right = norm(add.right(), hidden, fusions);
            if (left != null) {
                return left.with(add.right(), add.name(), relu.name());
            }
            return right == null ? null : right.with(add.left(), add.name(), relu.name());
        }
        Fusion norm = norm(relu.input(), hidden, fusions);
        return norm == null ? null : norm.with(null, relu.name());
    }

    /** A normalisation that has nothing behind it yet and that one node takes; else null. */
    private static Fusion norm(String name, Map<String, Node> hidden, Map<String, Fusion> fusions) {
        Fusion fusion = hidden.containsKey(name) ? fusions.get(name) : null;
        return fusion == null || fusion.relu() ? null : fusion;
    }

    private Fusion with(String added, String... more) {
        List<String> all = new ArrayList<>(nodes);
        all.addAll(List.of(more));
        return new Fusion(norm, added, all, inPlace);
    }
}
