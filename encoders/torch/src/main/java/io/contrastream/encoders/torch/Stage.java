package io.contrastream.encoders.torch;

import java.util.List;

/**
 * Nodes of a network that run as one operation.
 *
 * @param nodes their names, the last of which has the output
 * @param kind for {@link OperationTimes}
 * @param inputs names of the nodes whose outputs it takes
 * @param operation what runs
 */
record Stage(List<String> nodes, String kind, List<String> inputs, Operation operation) {

    Stage {
        nodes = List.copyOf(nodes);
        inputs = List.copyOf(inputs);
    }

    /** The name of its output. */
    String name() {
        return nodes.get(nodes.size() - 1);
    }
}
