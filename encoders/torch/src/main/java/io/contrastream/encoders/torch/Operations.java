package io.contrastream.encoders.torch;

import io.contrastream.learning.network.Network;
import io.contrastream.learning.network.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Chooses the operations of a network's nodes, and which of them may write over their input. */
final class Operations implements Node.Visitor<Operation>, AutoCloseable {

    private final Weights weights;
    private final Target target;
    private final Replica replica;
    private final Set<String> images = new HashSet<>();
    private final Set<String> overwritable = new HashSet<>();
    private final List<Stage> stages = new ArrayList<>();
    private final List<NormalizeOperation> owned = new ArrayList<>();

    /**
     * Those of a network.
     *
     * @param kernels null where a batch normalisation is LibTorch's, and runs by itself
     * @param replica null for an encoder that is the only one
     */
    Operations(Network network, Weights weights, Target target, Kernels kernels, Replica replica) {
        this.weights = weights;
        this.target = target;
        this.replica = replica;
        Map<String, Integer> consumers = new HashMap<>();
        network.nodes().forEach(node -> node.inputs().forEach(input -> consumers.merge(input, 1, Integer::sum)));
        Map<String, Fusion> fusions = kernels == null ? Map.of() : Fusion.of(network, consumers, kernels::take);
        Set<String> fused = fusions.values().stream()
                .flatMap(fusion -> fusion.nodes().stream())
                .collect(Collectors.toSet());
        for (Node node : network.nodes()) {
            Fusion fusion = fusions.get(node.name());
            if (fusion != null) {
                stages.add(stage(fusion, kernels));
            }
            if (fused.contains(node.name())) {
                continue;
            }
            // Nothing but the one consumer looks at such an output, and the way back never does.
            if (consumers.getOrDefault(node.name(), 0) == 1 && node.accept(OUTPUT_IS_FORGOTTEN)) {
                overwritable.add(node.name());
            }
            Operation operation = node.accept(this);
            if (operation != null) {
                stages.add(new Stage(List.of(node.name()), node.getClass().getSimpleName(), node.inputs(), operation));
            }
        }
    }

    private Stage stage(Fusion fusion, Kernels kernels) {
        String last = fusion.nodes().get(fusion.nodes().size() - 1);
        Operation operation = new FusedNormOperation(
                fusion.norm(), last, fusion.residual(), fusion.relu(), fusion.inPlace(), weights, kernels);
        return new Stage(fusion.nodes(), "BatchNorm", fusion.inputs(), operation);
    }

    private static final Node.Partial<Boolean> OUTPUT_IS_FORGOTTEN = new Node.Partial<>() {
        @Override
        public Boolean batchNorm(Node.BatchNorm node) {
            return true;
        }

        @Override
        public Boolean add(Node.Add node) {
            return true;
        }

        @Override
        public Boolean otherwise(Node node) {
            return false;
        }
    };

    /** In the network's order; none for the input. */
    List<Stage> stages() {
        return stages;
    }

    @Override
    public Operation input(Node.Input node) {
        return null;
    }

    @Override
    public Operation normalize(Node.Normalize node) {
        images.add(node.name());
        NormalizeOperation operation = new NormalizeOperation(node, target);
        owned.add(operation);
        return operation;
    }

    @Override
    public Operation convolution(Node.Convolution node) {
        return new ConvolutionOperation(node, weights, images.contains(node.input()));
    }

    @Override
    public Operation batchNorm(Node.BatchNorm node) {
        return replica == null
                ? new BatchNormOperation(node, weights)
                : new SharedNormOperation(node, weights, replica);
    }

    @Override
    public Operation relu(Node.Relu node) {
        return new ReluOperation(node, overwritable.contains(node.input()));
    }

    @Override
    public Operation add(Node.Add node) {
        return new AddOperation(node, overwritable.contains(node.left()));
    }

    @Override
    public Operation maxPool(Node.MaxPool node) {
        return new MaxPoolOperation(node);
    }

    @Override
    public Operation globalAveragePool(Node.GlobalAveragePool node) {
        return new MeanPoolOperation(node);
    }

    @Override
    public Operation linear(Node.Linear node) {
        return new LinearOperation(node, weights);
    }

    @Override
    public Operation l2Normalize(Node.L2Normalize node) {
        return new UnitOperation(node);
    }

    @Override
    public void close() {
        owned.forEach(NormalizeOperation::close);
    }
}
