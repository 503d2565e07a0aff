package io.contrastream.encoders.dl4j;

import io.contrastream.encoders.dl4j.array.Transfer;
import io.contrastream.encoders.dl4j.update.UpdateRule;
import io.contrastream.learning.network.ParameterSpec;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.objective.Classifier;
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
 * The arrays of a cross-entropy's classifier, weights [capacity, D] and behind them biases [capacity] in one flat array of each kind, with
 * room for more classes than are known. Rows of classes that are not known yet are zeros, which no optimiser moves.
 */
final class ClassifierHead implements AutoCloseable {

    private final UpdateRule rule;
    private final DataType type;
    private final boolean averaged;
    private int classes;
    private int capacity;
    private int features;
    private INDArray values;
    private INDArray gradients;
    /** Those of a teacher: the values themselves if nothing is averaged. */
    private INDArray averages;
    /** One slot behind the other; null if the optimiser has none. */
    private INDArray slots;

    private GradientUpdater<?> optimizer;

    /**
     * One that knows no class.
     *
     * @param averaged whether it keeps averages
     */
    ClassifierHead(UpdateRule rule, DataType type, boolean averaged) {
        this.rule = rule;
        this.type = type;
        this.averaged = averaged;
    }

    /**
     * Knows the classes up to a number from now on.
     *
     * @throws IllegalArgumentException if it is of another number of features
     */
    void grow(int toClasses, int ofFeatures, long seed) {
        if (values != null) {
            Classifier.requireFeatures(features, ofFeatures);
        }
        if (values == null || toClasses > capacity) {
            List<Tensor> known = newest(1);
            List<Tensor> knownAverages = averages();
            allocate(Classifier.capacity(toClasses), ofFeatures);
            writeKnown(known, knownAverages);
        }
        if (toClasses > classes) {
            float[] rows = Classifier.initialWeights(seed, classes, toClasses - classes, features);
            long from = (long) classes * features;
            Transfer.put(rows, part(values, from, from + rows.length));
            if (averaged) {
                Transfer.put(rows, part(averages, from, from + rows.length));
            }
            classes = toClasses;
        }
    }

    private void allocate(int newCapacity, int newFeatures) {
        close();
        capacity = newCapacity;
        features = newFeatures;
        int size = capacity * (features + 1);
        values = zeros(size);
        gradients = zeros(size);
        averages = averaged ? zeros(size) : values;
        slots = rule.slots().isEmpty() ? null : zeros((long) rule.slots().size() * size);
        optimizer = rule.instantiate(slots, true);
    }

    /** An array outside workspaces, kept until the end. */
    private INDArray zeros(long length) {
        return Nd4j.createUninitializedDetached(type, length).assign(0);
    }

    private static INDArray part(INDArray flat, long from, long to) {
        return flat.get(NDArrayIndex.interval(from, to));
    }

    private INDArray weight(INDArray flat) {
        return part(flat, 0, (long) capacity * features).reshape('c', capacity, features);
    }

    private INDArray bias(INDArray flat) {
        return part(flat, (long) capacity * features, flat.length());
    }

    /** Classes that it knows. */
    int classes() {
        return classes;
    }

    int capacity() {
        return capacity;
    }

    /** [capacity, D]. */
    INDArray weight() {
        return weight(values);
    }

    /** [capacity]. */
    INDArray bias() {
        return bias(values);
    }

    /** [capacity, D]. */
    INDArray averageWeight() {
        return weight(averages);
    }

    /** [capacity]. */
    INDArray averageBias() {
        return bias(averages);
    }

    /** Gradient that terms add to. */
    INDArray weightGradient() {
        return weight(gradients);
    }

    INDArray biasGradient() {
        return bias(gradients);
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
        if (values != null && averaged) {
            all.add(averages);
        }
        if (slots != null) {
            all.add(slots);
        }
        return all;
    }

    /** Moves the arrays along their gradients, which it uses up. */
    void update(int step, double rate) {
        double decay = rule.options().weightDecay();
        if (decay > 0) {
            Nd4j.exec(new Axpy(values, gradients, gradients, decay));
        }
        optimizer.applyUpdater(gradients, step, 0);
        values.subi(rate == 1 ? gradients : gradients.muli(rate));
    }

    /** Moves the averages, if there are any, to where the values are: all but {@code decay} of the way. */
    void average(double decay) {
        if (averaged && values != null) {
            averages.muli(decay);
            Nd4j.exec(new Axpy(values, averages, averages, 1 - decay));
        }
    }

    /** A copy of its gradients in canonical form. */
    List<Tensor> readGradients() {
        return known(Transfer.floats(gradients), 0, "");
    }

    /** A copy in canonical form; slots after the first step alone. */
    List<Tensor> read(long step) {
        List<Tensor> tensors = newest(step);
        tensors.addAll(averages());
        return tensors;
    }

    private List<Tensor> averages() {
        return averaged && classes > 0 ? known(Transfer.floats(averages), 0, Classifier.AVERAGES) : List.of();
    }

    private List<Tensor> newest(long step) {
        List<Tensor> tensors = new ArrayList<>();
        if (classes > 0) {
            tensors.addAll(known(Transfer.floats(values), 0, ""));
            if (step > 0 && slots != null) {
                float[] flat = Transfer.floats(slots);
                for (int slot = 0; slot < rule.slots().size(); slot++) {
                    int from = slot * capacity * (features + 1);
                    tensors.addAll(known(flat, from, rule.slots().get(slot) + "/"));
                }
            }
        }
        return tensors;
    }

    private List<Tensor> known(float[] flat, int from, String prefix) {
        int biases = from + capacity * features;
        List<ParameterSpec> specs = Classifier.parameters(classes, features);
        return List.of(
                new Tensor(
                        prefix + specs.get(0).name(),
                        specs.get(0).shape(),
                        Arrays.copyOfRange(flat, from, from + classes * features)),
                new Tensor(
                        prefix + specs.get(1).name(),
                        specs.get(1).shape(),
                        Arrays.copyOfRange(flat, biases, biases + classes)));
    }

    /**
     * Takes over a classifier in canonical form; knows no class if it is empty.
     *
     * @param averagesOf weight and bias of the averages
     */
    void write(List<Tensor> tensors, List<Tensor> averagesOf) {
        classes = 0;
        close();
        if (!tensors.isEmpty()) {
            int[] shape = tensors.get(0).shape();
            classes = shape[0];
            allocate(Classifier.capacity(classes), shape[1]);
            writeKnown(tensors, averagesOf);
        }
    }

    private void writeKnown(List<Tensor> tensors, List<Tensor> averagesOf) {
        for (int i = 0; i < tensors.size(); i += 2) {
            long from = i == 0 ? 0 : (i / 2 - 1) * values.length();
            writeKnown(tensors.subList(i, i + 2), i == 0 ? values : slots, from);
        }
        if (averaged && !averagesOf.isEmpty()) {
            writeKnown(averagesOf, averages, 0);
        }
    }

    /** Weights and biases of known classes, in an array from some place on. */
    private void writeKnown(List<Tensor> both, INDArray into, long from) {
        float[] weights = both.get(0).values();
        float[] biases = both.get(1).values();
        Transfer.put(weights, part(into, from, from + weights.length));
        long behind = from + (long) capacity * features;
        Transfer.put(biases, part(into, behind, behind + biases.length));
    }

    /** Frees the arrays, if there are any. Idempotent. */
    @Override
    public void close() {
        if (values != null) {
            values.close();
            gradients.close();
            if (averaged) {
                averages.close();
            }
            if (slots != null) {
                slots.close();
                slots = null;
            }
            values = null;
        }
    }
}
