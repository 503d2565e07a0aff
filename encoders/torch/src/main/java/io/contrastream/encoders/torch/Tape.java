package io.contrastream.encoders.torch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/** What one pass over a network keeps, by the names of the nodes. */
final class Tape implements AutoCloseable {

    private final boolean training;
    private final Map<String, Tensor> outputs = new HashMap<>();
    private final Map<String, List<Tensor>> saved = new HashMap<>();
    private final Map<String, Tensor> gradients = new HashMap<>();
    private final Set<String> shared = new HashSet<>();
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
        Tensor earlier = gradients.put(node, Native.keep(gradient));
        if (earlier != null) {
            gradient.add_(earlier);
            shared.remove(node);
            earlier.close();
        }
    }

    /** The same with a tensor that other nodes have too: nobody writes to it. */
    void share(String node, Tensor gradient) {
        if (gradients.containsKey(node)) {
            give(node, gradient.clone());
        } else {
            gradients.put(node, Native.keep(gradient));
            shared.add(node);
        }
    }

    Tensor gradient(String node) {
        return gradients.get(node);
    }

    /** Keeps the gradient of a parameter until all of them are taken over. */
    void keepFor(String parameter, Tensor gradient) {
        ofParameters.put(parameter, Native.keep(new Tensor(gradient)));
    }

    /** The gradients of parameters that have been kept, by their names. */
    Map<String, Tensor> ofParameters() {
        return ofParameters;
    }

    /** Whether no other node has the gradient of this one's output. */
    boolean ownsGradient(String node) {
        return !shared.contains(node);
    }

    /** Frees what is kept of a node. */
    void forget(String node) {
        close(outputs.remove(node));
        close(gradients.remove(node));
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
