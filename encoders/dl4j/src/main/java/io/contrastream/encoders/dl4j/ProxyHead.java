package io.contrastream.encoders.dl4j;

import io.contrastream.encoders.dl4j.array.Transfer;
import io.contrastream.encoders.dl4j.update.UpdateRule;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.objective.Classifier;
import io.contrastream.learning.objective.Proxies;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.Axpy;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.GradientUpdater;

/**
 * The class vectors of a proxy loss, [capacity, D] in a flat array of each kind, with room for more classes than are known, as a {@link
 * ClassifierHead} has it. Rows of classes that are not known yet are zeros, which no optimiser moves.
 */
final class ProxyHead implements AutoCloseable {

    private final UpdateRule rule;
    private final DataType type;
    private int classes;
    private int capacity;
    private int features;
    private INDArray values;
    private INDArray gradients;
    /** One slot behind the other; null if the optimiser has none. */
    private INDArray slots;

    private GradientUpdater<?> optimizer;

    /** One that knows no class. */
    ProxyHead(UpdateRule rule, DataType type) {
        this.rule = rule;
        this.type = type;
    }

    /**
     * Knows the classes up to a number from now on.
     *
     * @throws IllegalArgumentException if it is of another number of features
     */
    void grow(int toClasses, int ofFeatures, long seed) {
        if (values != null) {
            Proxies.requireFeatures(features, ofFeatures);
        }
        if (values == null || toClasses > capacity) {
            List<Tensor> known = read(1);
            allocate(Classifier.capacity(toClasses), ofFeatures);
            writeKnown(known);
        }
        if (toClasses > classes) {
            float[] rows = Proxies.initial(seed, classes, toClasses - classes, features);
            put(rows, values, (long) classes * features);
            classes = toClasses;
        }
    }

    private void allocate(int newCapacity, int newFeatures) {
        close();
        capacity = newCapacity;
        features = newFeatures;
        long size = (long) capacity * features;
        values = zeros(size);
        gradients = zeros(size);
        slots = rule.slots().isEmpty() ? null : zeros(rule.slots().size() * size);
        optimizer = rule.instantiate(slots, true);
    }

    /** An array outside workspaces, kept until the end. */
    private INDArray zeros(long length) {
        return Nd4j.createUninitializedDetached(type, length).assign(0);
    }

    private static void put(float[] rows, INDArray into, long from) {
        Transfer.put(rows, into.get(NDArrayIndex.interval(from, from + rows.length)));
    }

    /** Classes that it knows. */
    int classes() {
        return classes;
    }

    int capacity() {
        return capacity;
    }

    /** [capacity, D]. */
    INDArray vectors() {
        return values.reshape('c', capacity, features);
    }

    /** Gradient that the term adds to, [capacity, D]. */
    INDArray gradient() {
        return gradients.reshape('c', capacity, features);
    }

    /** All gradients, flat. */
    INDArray gradients() {
        return gradients;
    }

    /** All that is kept from step to step. */
    List<INDArray> all() {
        List<INDArray> all = new ArrayList<>();
        if (values != null) {
            all.add(values);
        }
        if (slots != null) {
            all.add(slots);
        }
        return all;
    }

    /** Moves the vectors along their gradients, which it uses up. */
    void update(int step, double rate) {
        double decay = rule.options().weightDecay();
        if (decay > 0) {
            Nd4j.exec(new Axpy(values, gradients, gradients, decay));
        }
        optimizer.applyUpdater(gradients, step, 0);
        values.subi(rate == 1 ? gradients : gradients.muli(rate));
    }

    /** A copy of its gradients in canonical form. */
    List<Tensor> readGradients() {
        return List.of(known(Transfer.floats(gradients), 0, ""));
    }

    /** A copy in canonical form; slots after the first step alone. */
    List<Tensor> read(long step) {
        List<Tensor> tensors = new ArrayList<>();
        if (classes > 0) {
            tensors.add(known(Transfer.floats(values), 0, ""));
            if (step > 0 && slots != null) {
                float[] flat = Transfer.floats(slots);
                for (int slot = 0; slot < rule.slots().size(); slot++) {
                    tensors.add(
                            known(flat, slot * capacity * features, rule.slots().get(slot) + "/"));
                }
            }
        }
        return tensors;
    }

    private Tensor known(float[] flat, int from, String prefix) {
        return new Tensor(
                prefix + Proxies.WEIGHT,
                new int[] {classes, features},
                Arrays.copyOfRange(flat, from, from + classes * features));
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
        for (int i = 0; i < tensors.size(); i++) {
            put(tensors.get(i).values(), i == 0 ? values : slots, i == 0 ? 0 : (i - 1) * values.length());
        }
    }

    /** Frees the arrays, if there are any. Idempotent. */
    @Override
    public void close() {
        if (values != null) {
            values.close();
            gradients.close();
            if (slots != null) {
                slots.close();
                slots = null;
            }
            values = null;
        }
    }
}
