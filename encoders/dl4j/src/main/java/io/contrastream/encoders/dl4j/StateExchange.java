package io.contrastream.encoders.dl4j;

import io.contrastream.encoders.dl4j.array.Transfer;
import io.contrastream.encoders.dl4j.update.UpdateRule;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Network;
import io.contrastream.learning.network.Node;
import io.contrastream.learning.network.ParameterSpec;
import io.contrastream.learning.network.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Moves an encoder's state between the graph and its canonical form, in which it belongs to no engine. */
final class StateExchange {

    private final EncoderSpec spec;
    private final UpdateRule rule;
    private final EncoderGraph graph;
    private final ClassifierHead head;
    private final ProxyHead proxies;
    private final Network network;

    StateExchange(EncoderSpec spec, UpdateRule rule, EncoderGraph graph, ClassifierHead head, ProxyHead proxies) {
        this.spec = spec;
        this.rule = rule;
        this.graph = graph;
        this.head = head;
        this.proxies = proxies;
        this.network = spec.network();
    }

    /** A copy of what the graph holds after {@code step} optimiser steps. */
    EncoderState read(long step) {
        return new EncoderState(
                spec.fingerprint(),
                step,
                readParameters(),
                step == 0 ? List.of() : readSlots(Math.toIntExact(graph.params().length())),
                graph.averages() == null ? List.of() : graph.averages().use(this::readParameters),
                head.read(step),
                proxies.read(step));
    }

    private List<Tensor> readParameters() {
        float[] flat = Transfer.floats(graph.params());
        List<Tensor> parameters = new ArrayList<>();
        for (Node node : network.nodes()) {
            for (ParameterSpec parameter : node.parameters()) {
                float[] values = switch (parameter.role()) {
                    case RUNNING_MEAN -> graph.statistics(node.name()).meanCopy();
                    case RUNNING_VARIANCE -> graph.statistics(node.name()).varianceCopy();
                    default -> part(flat, graph.offset(parameter.name()), parameter);
                };
                parameters.add(new Tensor(parameter.name(), parameter.shape(), values));
            }
        }
        return parameters;
    }

    private List<Tensor> readSlots(int length) {
        List<Tensor> slots = new ArrayList<>();
        if (!rule.slots().isEmpty()) {
            float[] flat = Transfer.floats(graph.slots());
            for (String slot : rule.slots()) {
                for (ParameterSpec parameter : trained()) {
                    int offset = rule.slots().indexOf(slot) * length + graph.offset(parameter.name());
                    slots.add(new Tensor(
                            slot + "/" + parameter.name(), parameter.shape(), part(flat, offset, parameter)));
                }
            }
        }
        return slots;
    }

    /** The gradient of every trained parameter of the network, as it was last computed. */
    List<Tensor> gradients() {
        float[] flat = Transfer.floats(graph.getFlattenedGradients());
        return trained().stream()
                .map(parameter -> new Tensor(
                        parameter.name(), parameter.shape(), part(flat, graph.offset(parameter.name()), parameter)))
                .toList();
    }

    /** Mean and variance of the last batch in every batch normalisation, named as the running ones. */
    List<Tensor> observed() {
        return norms().flatMap(norm -> graph.statistics(norm).observed(norm).stream())
                .toList();
    }

    private List<ParameterSpec> trained() {
        return network.parameters().stream()
                .filter(parameter -> parameter.role().trained())
                .toList();
    }

    private static float[] part(float[] flat, int offset, ParameterSpec parameter) {
        return Arrays.copyOfRange(flat, offset, offset + parameter.size());
    }

    /**
     * Takes over a state.
     *
     * @throws IllegalArgumentException naming what differs, before anything has changed
     */
    void write(EncoderState state) {
        state.requireFor(spec, rule.options());
        if (graph.averages() != null) {
            writeParameters(state.embedding());
            graph.averages().restart();
        }
        writeParameters(state.parameters());
        if (graph.slots() != null) {
            writeSlots(state.optimizerSlots());
        }
        head.write(state.newestClassifier(), state.averagedClassifier());
        proxies.write(state.proxies());
    }

    private void writeParameters(List<Tensor> tensors) {
        Map<String, Tensor> byName = new HashMap<>();
        tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
        float[] flat = new float[Math.toIntExact(graph.params().length())];
        for (ParameterSpec parameter : trained()) {
            float[] values = byName.get(parameter.name()).values();
            System.arraycopy(values, 0, flat, graph.offset(parameter.name()), values.length);
        }
        Transfer.put(flat, graph.params());
        norms().forEach(norm -> graph.statistics(norm)
                .set(
                        byName.get(norm + ".running_mean").values(),
                        byName.get(norm + ".running_var").values()));
    }

    /** Names of the batch normalisations. */
    private Stream<String> norms() {
        return network.nodes().stream().filter(Node.BatchNorm.class::isInstance).map(Node::name);
    }

    private void writeSlots(List<Tensor> tensors) {
        INDArray slots = graph.slots();
        float[] flat = new float[Math.toIntExact(slots.length())];
        int length = flat.length / rule.slots().size();
        List<ParameterSpec> trained = trained();
        for (int i = 0; i < tensors.size(); i++) {
            int offset = i / trained.size() * length
                    + graph.offset(trained.get(i % trained.size()).name());
            float[] values = tensors.get(i).values();
            System.arraycopy(values, 0, flat, offset, values.length);
        }
        Transfer.put(flat, slots);
    }
}
