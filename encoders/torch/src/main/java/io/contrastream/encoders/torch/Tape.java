package io.contrastream.encoders.torch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** Values that one pass over a network keeps, by the names of the nodes. */
final class Tape implements AutoCloseable {

    private final boolean training;
    private final Map<String, Tensor> outputs = new HashMap<>();
    private final Map<String, List<Tensor>> saved = new HashMap<>();
    private final Map<String, List<Part>> gradients = new HashMap<>();
    private final Map<String, Tensor> ofParameters = new LinkedHashMap<>();

    /** @param training whether batch normalisation takes the batch's own statistics, and there will be a way back */
    Tape(boolean training) {
        this.training = training;
    }

    boolean training() {
        return training;
    }

    void put(String node, Tensor output) {
        outputs.put(node, Native.keep(output));
    }

    /** A node's output. */
    Tensor output(String node) {
        return outputs.get(node);
    }

    /** Keeps something for the node's way back. */
    void save(String node, Tensor tensor) {
        saved.computeIfAbsent(node, any -> new ArrayList<>()).add(Native.keep(tensor));
    }

    Tensor saved(String node, int index) {
        return saved.get(node).get(index);
    }

    /** Adds to the gradient of a node's output. The tensor is the node's alone from now on, and may be written to. */
    void give(String node, Tensor gradient) {
        gradients.computeIfAbsent(node, any -> new ArrayList<>()).add(new Part(Native.keep(gradient), true));
    }

    /** The same with a tensor that other nodes have too: nobody writes to it. */
    void share(String node, Tensor gradient) {
        gradients.computeIfAbsent(node, any -> new ArrayList<>()).add(new Part(Native.keep(gradient), false));
    }

    /** How many tensors the gradient of a node's output is the sum of, so far. */
    int parts(String node) {
        return gradients.getOrDefault(node, List.of()).size();
    }

    /** One of the tensors that the gradient of a node's output is the sum of. */
    Part part(String node, int index) {
        return gradients.get(node).get(index);
    }

    /** The gradient of a node's output, in one tensor; null if there is none. */
    Tensor gradient(String node) {
        List<Part> parts = gradients.getOrDefault(node, new ArrayList<>());
        while (parts.size() > 1) {
            Part first = parts.remove(0);
            Part second = parts.remove(0);
            parts.add(0, sum(first, second));
        }
        return parts.isEmpty() ? null : parts.get(0).gradient();
    }

    private static Part sum(Part first, Part second) {
        Part into = second.own() ? second : first;
        Part other = second.own() ? first : second;
        if (into.own()) {
            into.gradient().add_(other.gradient());
            other.gradient().close();
            return into;
        }
        Tensor sum = Native.keep(first.gradient().add(second.gradient()));
        first.gradient().close();
        second.gradient().close();
        return new Part(sum, true);
    }

    /** Whether no other node has the gradient of this one's output. */
    boolean ownsGradient(String node) {
        return gradients.get(node).stream().allMatch(Part::own);
    }

    /**
     * A part of a gradient.
     *
     * @param own whether no other node has it, so that it may be written to
     */
    record Part(Tensor gradient, boolean own) {}

    /** Keeps the gradient of a parameter until all of them are taken over. */
    void keepFor(String parameter, Tensor gradient) {
        ofParameters.put(parameter, Native.keep(new Tensor(gradient)));
    }

    /** The gradients of parameters that have been kept, by their names. */
    Map<String, Tensor> ofParameters() {
        return ofParameters;
    }

    /** Frees what is kept of a node. */
    void forget(String node) {
        close(outputs.remove(node));
        List<Part> parts = gradients.remove(node);
        if (parts != null) {
            parts.forEach(part -> part.gradient().close());
        }
        saved.getOrDefault(node, List.of()).forEach(Tensor::close);
        saved.remove(node);
    }

    private static void close(Tensor tensor) {
        if (tensor != null) {
            tensor.close();
        }
    }

    @Override
    public void close() {
        List.copyOf(outputs.keySet()).forEach(this::forget);
        List.copyOf(gradients.keySet()).forEach(this::forget);
        ofParameters.values().forEach(Tensor::close);
        ofParameters.clear();
    }
}
