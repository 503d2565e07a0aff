package io.contrastream.encoders.dl4j;

import io.contrastream.encoders.dl4j.array.Kernels;
import io.contrastream.encoders.dl4j.nd4j.Nd4jVertices;
import io.contrastream.encoders.dl4j.update.UpdateRule;
import io.contrastream.encoders.dl4j.vertex.ConvolutionBlock;
import io.contrastream.encoders.dl4j.vertex.RunningStatistics;
import io.contrastream.encoders.dl4j.vertex.Vertex;
import io.contrastream.encoders.dl4j.vertex.VertexSite;
import io.contrastream.encoders.dl4j.vertex.Vertices;
import io.contrastream.learning.network.Network;
import io.contrastream.learning.network.Node;
import io.contrastream.learning.network.ParameterSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/**
 * Writes a network description as a DL4J graph, joining into one vertex what runs faster together: a convolution, its batch
 * normalisation, and the residual sum and the ReLU behind it; a dense layer and its ReLU. Normalising pixels is left to the one that
 * fills the input, which touches the values anyway; unit length is left to the loss and to the reader of an embedding.
 */
final class GraphTranslator {

    /** In front of an output's name: the layer of its loss. */
    private static final String LOSS = "loss of ";

    private final Map<String, Node> nodes = new HashMap<>();
    private final Map<String, List<Node>> consumers = new HashMap<>();
    private final Map<String, String> vertexOf = new HashMap<>();
    private final Map<String, RunningStatistics> statistics = new HashMap<>();
    private final Network network;
    private final Vertices vertices;
    private final Kernels kernels;
    private final UpdateRule rule;
    private final ComputationGraphConfiguration.GraphBuilder graph;

    private GraphTranslator(Network network, Vertices vertices, Kernels kernels, UpdateRule rule, DataType type) {
        this.network = network;
        this.vertices = vertices;
        this.kernels = kernels;
        this.rule = rule;
        // No averaging over the batch: the loss is a mean already.
        this.graph = new NeuralNetConfiguration.Builder()
                .dataType(type)
                .miniBatch(false)
                .graphBuilder();
        for (Node node : network.nodes()) {
            nodes.put(node.name(), node);
            node.inputs()
                    .forEach(input -> consumers
                            .computeIfAbsent(input, name -> new ArrayList<>())
                            .add(node));
        }
    }

    /**
     * The graph of a network.
     *
     * @throws IllegalArgumentException naming the node that there is no vertex for
     */
    static GraphPlan translate(Network network, Vertices vertices, Kernels kernels, UpdateRule rule, DataType type) {
        return new GraphTranslator(network, vertices, kernels, rule, type).plan();
    }

    private GraphPlan plan() {
        for (Node node : network.nodes()) {
            if (!joinsNext(node)) {
                node.accept(new Adding(node, false));
            }
        }
        SortedMap<String, TapLoss> losses = new TreeMap<>();
        new TreeMap<>(network.outputs()).forEach((output, node) -> {
            TapLoss loss = new TapLoss(network.hasUnitRows(output), kernels);
            losses.put(output, loss);
            addLoss(LOSS + output, loss, vertexOf.get(node));
        });
        graph.setOutputs(losses.keySet().stream().map(LOSS::concat).toArray(String[]::new));
        return new GraphPlan(
                graph.build(),
                losses,
                vertexOf.get(network.embedding()),
                vertexOf.get(network.projection()),
                statistics);
    }

    private void addLoss(String name, ILossFunction loss, String input) {
        graph.addLayer(
                name,
                new LossLayer.Builder(loss).activation(Activation.IDENTITY).build(),
                input);
    }

    /** Whether the vertex of the node's only consumer does the work of the node too. */
    private boolean joinsNext(Node node) {
        List<Node> next = consumers.getOrDefault(node.name(), List.of());
        return next.size() == 1 && node.accept(new Joins(next.get(0)));
    }

    /** Whether a node is joined with its only consumer. */
    private final class Joins implements Node.Partial<Boolean> {

        private final Node consumer;

        Joins(Node consumer) {
            this.consumer = consumer;
        }

        @Override
        public Boolean convolution(Node.Convolution node) {
            return consumer instanceof Node.BatchNorm;
        }

        @Override
        public Boolean batchNorm(Node.BatchNorm node) {
            return consumer instanceof Node.Relu || (consumer instanceof Node.Add sum && main(sum) == node);
        }

        @Override
        public Boolean add(Node.Add node) {
            return consumer instanceof Node.Relu;
        }

        @Override
        public Boolean linear(Node.Linear node) {
            return consumer instanceof Node.Relu;
        }

        @Override
        public Boolean otherwise(Node node) {
            return false;
        }
    }

    /** The side of a sum whose vertex adds the other side: the first one that ends in a batch normalisation of its own. */
    private Node main(Node.Add sum) {
        for (String side : sum.inputs()) {
            if (nodes.get(side) instanceof Node.BatchNorm && consumers.get(side).size() == 1) {
                return nodes.get(side);
            }
        }
        throw unknown(sum);
    }

    /** Adds the vertex that ends in a node. The visited node is that one, or the one in front of it if that one is a ReLU. */
    private final class Adding implements Node.Visitor<Void> {

        /** The node whose output is that of the vertex. */
        private final Node last;

        private final boolean rectified;

        /** @param rectified whether the visited node is in front of the last one, a ReLU */
        Adding(Node last, boolean rectified) {
            this.last = last;
            this.rectified = rectified;
        }

        @Override
        public Void input(Node.Input node) {
            requirePlain();
            graph.addInputs(last.name());
            vertexOf.put(last.name(), last.name());
            return null;
        }

        @Override
        public Void normalize(Node.Normalize node) {
            return leaveOut();
        }

        @Override
        public Void l2Normalize(Node.L2Normalize node) {
            return leaveOut();
        }

        private Void leaveOut() {
            requirePlain();
            vertexOf.put(last.name(), vertexOf.get(last.inputs().get(0)));
            return null;
        }

        @Override
        public Void relu(Node.Relu node) {
            requirePlain();
            return nodes.get(node.input()).accept(new Adding(node, true));
        }

        @Override
        public Void add(Node.Add node) {
            Node main = main(node);
            String shortcut = main.name().equals(node.left()) ? node.right() : node.left();
            addConvolution(last, main, rectified, List.of(shortcut));
            return null;
        }

        @Override
        public Void batchNorm(Node.BatchNorm node) {
            addConvolution(last, node, rectified, List.of());
            return null;
        }

        @Override
        public Void linear(Node.Linear node) {
            addVertex(
                    last,
                    node,
                    List.of(node.input()),
                    node.parameters(),
                    site -> Nd4jVertices.linear(site, node, rectified, rule));
            return null;
        }

        @Override
        public Void maxPool(Node.MaxPool node) {
            requirePlain();
            addVertex(last, node, node.inputs(), List.of(), site -> vertices.maxPool(site, node));
            return null;
        }

        @Override
        public Void globalAveragePool(Node.GlobalAveragePool node) {
            requirePlain();
            int channels = channels(node);
            addVertex(last, node, node.inputs(), List.of(), site -> vertices.meanPool(site, channels));
            return null;
        }

        @Override
        public Void convolution(Node.Convolution node) {
            throw unknown(node);
        }

        private void requirePlain() {
            if (rectified) {
                throw unknown(last);
            }
        }
    }

    private void addConvolution(Node last, Node end, boolean rectified, List<String> shortcut) {
        if (!(end instanceof Node.BatchNorm norm && nodes.get(norm.input()) instanceof Node.Convolution convolution)) {
            throw unknown(end);
        }
        RunningStatistics running = new RunningStatistics(norm.channels());
        statistics.put(norm.name(), running);
        boolean images = nodes.get(convolution.input()) instanceof Node.Normalize;
        ConvolutionBlock.Block block = new ConvolutionBlock.Block(convolution, norm, rectified, images, running);
        List<String> inputs =
                Stream.concat(Stream.of(convolution.input()), shortcut.stream()).toList();
        addVertex(last, convolution, inputs, block.trained(), site -> vertices.convolution(site, block, rule));
    }

    /** Channels of a node's feature maps. */
    private int channels(Node node) {
        return node instanceof Node.BatchNorm norm
                ? norm.channels()
                : channels(nodes.get(node.inputs().get(0)));
    }

    /** Adds the vertex that computes the node {@code last}, under the name of the node that its work begins with. */
    private void addVertex(
            Node last,
            Node first,
            List<String> inputs,
            List<ParameterSpec> trained,
            Function<VertexSite, Vertex> vertex) {
        long parameters = trained.stream().mapToLong(ParameterSpec::size).sum();
        graph.addVertex(
                first.name(),
                new VertexDefinition(inputs.size(), parameters, kernels, vertex),
                inputs.stream().map(vertexOf::get).toArray(String[]::new));
        vertexOf.put(last.name(), first.name());
    }

    private static IllegalArgumentException unknown(Node node) {
        return new IllegalArgumentException("the network has a node where no vertex fits: " + node);
    }
}
