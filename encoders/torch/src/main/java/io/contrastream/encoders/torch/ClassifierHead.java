package io.contrastream.encoders.torch;

import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.network.ParameterSpec;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.objective.Classifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The arrays of a cross-entropy's classifier, with room for more classes than are known: growing within it costs nothing and moves
 * nothing. Rows of classes that are not known yet are zeros, which no optimiser moves.
 */
final class ClassifierHead implements AutoCloseable {

    private final OptimizerOptions options;
    private final Target target;
    private final boolean averaged;
    private int classes;
    private int capacity;
    private int features;
    private FlatTensor values;
    private FlatTensor gradients;
    /** Those of a teacher: the values themselves if nothing is averaged. */
    private FlatTensor averages;

    private Optimizer optimizer;
    private org.bytedeco.pytorch.Tensor unknown;
    private org.bytedeco.pytorch.Tensor numbers;

    /**
     * One that knows no class.
     *
     * @param averaged whether it keeps averages
     */
    ClassifierHead(OptimizerOptions options, Target target, boolean averaged) {
        this.options = options;
        this.target = target;
        this.averaged = averaged;
    }

    /**
     * Knows the classes up to a number from now on.
     *
     * @return whether its arrays are others than before
     * @throws IllegalArgumentException if it is of another number of features
     */
    boolean grow(int toClasses, int ofFeatures, long seed) {
        if (values != null) {
            Classifier.requireFeatures(features, ofFeatures);
        }
        boolean outgrown = values == null || toClasses > capacity;
        if (outgrown) {
            List<Tensor> known = newest(1);
            List<Tensor> knownAverages = averages();
            allocate(Classifier.capacity(toClasses), ofFeatures);
            writeKnown(known, knownAverages);
        }
        if (toClasses > classes) {
            int count = toClasses - classes;
            try (PointerScope scope = new PointerScope()) {
                org.bytedeco.pytorch.Tensor rows = Native.zeros("cpu", ScalarType.Float, count, features);
                rows.data_ptr_float().put(Classifier.initialWeights(seed, classes, count, features));
                weight().narrow(0, classes, count).copy_(rows);
                if (averaged) {
                    averageWeight().narrow(0, classes, count).copy_(rows);
                }
                unknown.narrow(0, classes, count).zero_();
            }
            classes = toClasses;
        }
        return outgrown;
    }

    private void allocate(int newCapacity, int newFeatures) {
        close();
        capacity = newCapacity;
        features = newFeatures;
        List<ParameterSpec> specs = Classifier.parameters(capacity, features);
        values = new FlatTensor(specs, target.device(), ScalarType.Float);
        gradients = new FlatTensor(specs, target.device(), ScalarType.Float);
        averages = averaged ? new FlatTensor(specs, target.device(), ScalarType.Float) : values;
        optimizer = new Optimizer(options, specs, values, gradients, target);
        try (PointerScope scope = new PointerScope()) {
            unknown = Native.keep(Native.zeros(target.device(), ScalarType.Float, capacity));
            unknown.fill_(new Scalar(Double.NEGATIVE_INFINITY));
            int[] counted = new int[capacity];
            Arrays.setAll(counted, k -> k);
            numbers = Native.keep(Native.to(Native.integers(counted), target.device(), ScalarType.Int));
        }
    }

    /** Classes that it knows. */
    int classes() {
        return classes;
    }

    /** Whether it has arrays. */
    boolean exists() {
        return values != null;
    }

    /** [capacity, D]. */
    org.bytedeco.pytorch.Tensor weight() {
        return values.view(Classifier.WEIGHT);
    }

    /** [capacity]. */
    org.bytedeco.pytorch.Tensor bias() {
        return values.view(Classifier.BIAS);
    }

    /** [capacity, D]. */
    org.bytedeco.pytorch.Tensor averageWeight() {
        return averages.view(Classifier.WEIGHT);
    }

    /** [capacity]. */
    org.bytedeco.pytorch.Tensor averageBias() {
        return averages.view(Classifier.BIAS);
    }

    /** Gradient that terms add to. */
    org.bytedeco.pytorch.Tensor weightGradient() {
        return gradients.view(Classifier.WEIGHT);
    }

    org.bytedeco.pytorch.Tensor biasGradient() {
        return gradients.view(Classifier.BIAS);
    }

    /** 0 for each known class, else −∞, [capacity]. */
    org.bytedeco.pytorch.Tensor unknown() {
        return unknown;
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
        if (exists()) {
            all.add(values);
            if (averaged) {
                all.add(averages);
            }
            all.addAll(slots());
        }
        return all;
    }

    private Collection<FlatTensor> slots() {
        return optimizer.slots();
    }

    /** Moves the arrays along their gradients, which it uses up. */
    void update(long step, double rate) {
        optimizer.update(step, rate);
    }

    /** Moves the averages, if there are any, to where the values are: all but {@code decay} of the way. */
    void average(double decay) {
        if (averaged && exists()) {
            averages.flat().lerp_(values.flat(), new Scalar(1 - decay));
        }
    }

    /** A copy of its gradients in canonical form. */
    List<Tensor> readGradients() {
        return known(gradients.read(""));
    }

    /** A copy in canonical form; slots after the first step alone. */
    List<Tensor> read(long step) {
        List<Tensor> tensors = newest(step);
        tensors.addAll(averages());
        return tensors;
    }

    private List<Tensor> averages() {
        return averaged && classes > 0 ? known(averages.read(Classifier.AVERAGES)) : List.of();
    }

    private List<Tensor> newest(long step) {
        List<Tensor> tensors = new ArrayList<>();
        if (classes > 0) {
            tensors.addAll(known(values.read("")));
            tensors.addAll(known(optimizer.read(step)));
        }
        return tensors;
    }

    /** Rows of known classes. */
    private List<Tensor> known(List<Tensor> whole) {
        return whole.stream().map(tensor -> withRows(tensor, classes)).toList();
    }

    private static Tensor withRows(Tensor tensor, int rows) {
        int[] shape = tensor.shape().clone();
        int size = tensor.values().length / shape[0];
        shape[0] = rows;
        return new Tensor(tensor.name(), shape, Arrays.copyOf(tensor.values(), rows * size));
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
        if (classes > 0) {
            List<Tensor> padded =
                    tensors.stream().map(tensor -> withRows(tensor, capacity)).toList();
            values.write(padded.subList(0, 2));
            optimizer.write(padded.subList(2, padded.size()));
            if (averaged) {
                averages.write(averagesOf.stream()
                        .map(tensor -> withRows(tensor, capacity))
                        .toList());
            }
            unknown.narrow(0, 0, classes).zero_();
        }
    }

    /** Frees the arrays, if there are any. Idempotent. */
    @Override
    public void close() {
        if (exists()) {
            values.close();
            gradients.close();
            if (averaged) {
                averages.close();
            }
            optimizer.close();
            unknown.close();
            numbers.close();
            values = null;
        }
    }
}
