package io.contrastream.learning.network;

import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * An immutable graph of operations. Engines build themselves from it; exports walk it.
 *
 * @param nodes in an order in which every node comes after its inputs; the first is the only {@link Node.Input}
 * @param embedding name of the node whose output, of unit rows, is the embedding [N, D]
 * @param projection name of the node whose output, of unit rows, goes into the loss [N, P]
 */
public record Network(List<Node> nodes, String embedding, String projection) {

    /** The output of the features, [N, D]: what the embedding is before it is brought to unit length. */
    public static final String FEATURES = "features";

    /** The output of the projection, [N, P], of unit rows. */
    public static final String PROJECTION = "projection";

    /**
     * The outputs of the first three stages' feature maps, each averaged over height and width, [N, C], which a network has
     * {@link #withStages}.
     */
    public static final List<String> STAGES = List.of("stage1", "stage2", "stage3");

    /** @throws IllegalArgumentException if a name occurs twice or a node takes one that does not come before it */
    public Network {
        nodes = List.copyOf(nodes);
        Set<String> known = new HashSet<>();
        for (Node node : nodes) {
            if (!known.containsAll(node.inputs())) {
                throw new IllegalArgumentException(
                        "node " + node.name() + " takes " + node.inputs() + ", which do not all come before it");
            }
            if (!known.add(node.name())) {
                throw new IllegalArgumentException("two nodes have the name " + node.name());
            }
        }
        if (!known.contains(embedding) || !known.contains(projection)) {
            throw new IllegalArgumentException("no node has the name " + embedding + " or " + projection);
        }
    }

    /** Name of the node whose output the embedding is before it is brought to unit length: the features, [N, D]. */
    public String features() {
        return nodes.stream()
                .filter(node -> node.name().equals(embedding))
                .map(node -> node.inputs().get(0))
                .findAny()
                .orElseThrow();
    }

    /** The places where a loss may look: names of nodes, by the names of the outputs. */
    public Map<String, String> outputs() {
        Map<String, String> outputs = new HashMap<>(Map.of(FEATURES, features(), PROJECTION, projection));
        nodes.stream().map(Node::name).filter(STAGES::contains).forEach(name -> outputs.put(name, name));
        return Map.copyOf(outputs);
    }

    /** The same network, with the outputs {@link #STAGES}: its parameters are the same. */
    public Network withStages() {
        List<Node> all = new ArrayList<>(nodes);
        for (int stage = 0; stage < STAGES.size(); stage++) {
            String prefix = "layer" + (stage + 1) + ".";
            String last = nodes.stream()
                    .map(Node::name)
                    .filter(name -> name.startsWith(prefix))
                    .reduce((earlier, later) -> later)
                    .orElseThrow();
            all.add(new Node.GlobalAveragePool(STAGES.get(stage), last));
        }
        return new Network(all, embedding, projection);
    }

    /**
     * The node behind an output.
     *
     * @throws IllegalArgumentException if there is no such output, naming those that there are
     */
    public String output(String tap) {
        String node = outputs().get(tap);
        if (node == null) {
            throw new IllegalArgumentException("the network has no output " + tap + ", but "
                    + String.join(", ", new TreeSet<>(outputs().keySet())));
        }
        return node;
    }

    /**
     * Whether the rows of an output are of length 1.
     *
     * @throws IllegalArgumentException as {@link #output}
     */
    public boolean hasUnitRows(String tap) {
        String name = output(tap);
        return nodes.stream().anyMatch(node -> node.name().equals(name) && node instanceof Node.L2Normalize);
    }

    /** All arrays of all nodes: the canonical order of an encoder's state. */
    public List<ParameterSpec> parameters() {
        return nodes.stream().flatMap(node -> node.parameters().stream()).toList();
    }

    /** Fresh initial values of all {@link #parameters()}: a pure function of the seed. */
    public List<Tensor> initialParameters(long seed) {
        List<Tensor> tensors = new ArrayList<>();
        for (ParameterSpec parameter : parameters()) {
            RandomStream random = RandomStream.of(seed, Purpose.INITIALISE, 0, tensors.size());
            float[] values = new float[parameter.size()];
            switch (parameter.role()) {
                case CONVOLUTION_WEIGHT -> {
                    double deviation = Math.sqrt(2.0 / parameter.fan());
                    for (int i = 0; i < values.length; i++) {
                        values[i] = (float) (deviation * random.nextGaussian());
                    }
                }
                case LINEAR_WEIGHT, LINEAR_BIAS -> {
                    double bound = 1 / Math.sqrt(parameter.fan());
                    for (int i = 0; i < values.length; i++) {
                        values[i] = (float) random.nextDouble(-bound, bound);
                    }
                }
                case NORM_WEIGHT, RUNNING_VARIANCE -> Arrays.fill(values, 1);
                case NORM_BIAS, RUNNING_MEAN -> {}
            }
            tensors.add(new Tensor(parameter.name(), parameter.shape(), values));
        }
        return tensors;
    }
}
