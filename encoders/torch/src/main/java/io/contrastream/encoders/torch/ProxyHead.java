package io.contrastream.encoders.torch;

import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.network.ParameterSpec;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.objective.Classifier;
import io.contrastream.learning.objective.Proxies;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The class vectors of a proxy loss, with room for more classes than are known, as a {@link ClassifierHead} has it. Rows of classes that are not
 * known yet are zeros, which no optimiser moves.
 */
final class ProxyHead implements AutoCloseable {

    private final OptimizerOptions options;
    private final Target target;
    private int classes;
    private int capacity;
    private int features;
    private FlatTensor values;
    private FlatTensor gradients;
    private Optimizer optimizer;
    private org.bytedeco.pytorch.Tensor numbers;

    /** One that knows no class. */
    ProxyHead(OptimizerOptions options, Target target) {
        this.options = options;
        this.target = target;
    }

    /**
     * Knows the classes up to a number from now on.
     *
     * @return whether its arrays are others than before
     * @throws IllegalArgumentException if it is of another number of features
     */
    boolean grow(int toClasses, int ofFeatures, long seed) {
        if (values != null) {
            Proxies.requireFeatures(features, ofFeatures);
        }
        boolean outgrown = values == null || toClasses > capacity;
        if (outgrown) {
            List<Tensor> known = read(1);
            allocate(Classifier.capacity(toClasses), ofFeatures);
            writeKnown(known);
        }
        if (toClasses > classes) {
            int count = toClasses - classes;
            try (PointerScope scope = new PointerScope()) {
                org.bytedeco.pytorch.Tensor rows = Native.zeros("cpu", ScalarType.Float, count, features);
                rows.data_ptr_float().put(Proxies.initial(seed, classes, count, features));
                vectors().narrow(0, classes, count).copy_(rows);
            }
            classes = toClasses;
        }
        return outgrown;
    }

    private void allocate(int newCapacity, int newFeatures) {
        close();
        capacity = newCapacity;
        features = newFeatures;
        List<ParameterSpec> specs = List.of(Proxies.parameter(capacity, features));
        values = new FlatTensor(specs, target.device(), ScalarType.Float);
        gradients = new FlatTensor(specs, target.device(), ScalarType.Float);
        optimizer = new Optimizer(options, specs, values, gradients, target);
        try (PointerScope scope = new PointerScope()) {
            int[] counted = new int[capacity];
            Arrays.setAll(counted, k -> k);
            numbers = Native.keep(Native.to(Native.integers(counted), target.device(), ScalarType.Int));
        }
    }

    /** Classes that it knows. */
    int classes() {
        return classes;
    }

    /** [capacity, D]. */
    org.bytedeco.pytorch.Tensor vectors() {
        return values.view(Proxies.WEIGHT);
    }

    /** Gradient that the term adds to, [capacity, D]. */
    org.bytedeco.pytorch.Tensor gradient() {
        return gradients.view(Proxies.WEIGHT);
    }

    /** 0, 1, 2 and on, [capacity]. */
    org.bytedeco.pytorch.Tensor numbers() {
        return numbers;
    }

    FlatTensor gradients() {
        return gradients;
    }

    /** All that is kept from step to step. */
    List<FlatTensor> all() {
        List<FlatTensor> all = new ArrayList<>();
        if (values != null) {
            all.add(values);
            all.addAll(optimizer.slots());
        }
        return all;
    }

    /** Moves the vectors along their gradients, which it uses up. */
    void update(long step, double rate) {
        optimizer.update(step, rate);
    }

    /** A copy of its gradients in canonical form. */
    List<Tensor> readGradients() {
        return withRows(gradients.read(""), classes);
    }

    /** A copy in canonical form; slots after the first step alone. */
    List<Tensor> read(long step) {
        List<Tensor> tensors = new ArrayList<>();
        if (classes > 0) {
            tensors.addAll(withRows(values.read(""), classes));
            tensors.addAll(withRows(optimizer.read(step), classes));
        }
        return tensors;
    }

    private static List<Tensor> withRows(List<Tensor> tensors, int rows) {
        return tensors.stream()
                .map(tensor -> {
                    int columns = tensor.shape()[1];
                    return new Tensor(
                            tensor.name(), new int[] {rows, columns}, Arrays.copyOf(tensor.values(), rows * columns));
                })
                .toList();
    }

    /** Takes over class vectors in canonical form; knows no class if there are none. */
    void write(List<Tensor> tensors) {
        classes = 0;
        close();
        if (!tensors.isEmpty()) {
            int[] shape = tensors.get(0).shape();
            classes = shape[0];
            allocate(Classifier.capacity(classes), shape[1]);
            writeKnown(tensors);
        }
    }

    private void writeKnown(List<Tensor> tensors) {
        if (!tensors.isEmpty()) {
            List<Tensor> padded = withRows(tensors, capacity);
            values.write(padded.subList(0, 1));
            optimizer.write(padded.subList(1, padded.size()));
        }
    }

    /** Frees the arrays, if there are any. Idempotent. */
    @Override
    public void close() {
        if (values != null) {
            values.close();
            gradients.close();
            optimizer.close();
            numbers.close();
            values = null;
        }
    }
}
