package io.contrastream.encoders.torch;

import io.contrastream.learning.network.Network;
import io.contrastream.learning.network.Node;
import io.contrastream.learning.network.ParameterSpec;
import io.contrastream.learning.network.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The arrays of a network: trained parameters, running statistics, what a batch makes of both before it is taken over, and their
 * averages if there are any. Images can be embedded with the averages instead of the newest values.
 */
final class Weights implements AutoCloseable {

    private final Network network;
    private final List<ParameterSpec> trained;
    private final Arrays newest;
    private final boolean averaged;
    /** Those of embedding: the newest if nothing is averaged. */
    private final Arrays averages;

    private Arrays inUse;
    private final FlatTensor gradients;
    private final FlatTensor observed;

    /** Values of one moment. */
    private record Arrays(FlatTensor values, FlatTensor multiplied, FlatTensor running) implements AutoCloseable {

        static Arrays zero(List<ParameterSpec> trained, List<ParameterSpec> statistics, Target target) {
            FlatTensor values = new FlatTensor(trained, target.device(), ScalarType.Float);
            return new Arrays(
                    values,
                    target.activations() == ScalarType.Float
                            ? values
                            : new FlatTensor(trained, target.device(), target.activations()),
                    new FlatTensor(statistics, target.device(), ScalarType.Float));
        }

        void changed() {
            if (multiplied != values) {
                multiplied.flat().copy_(values.flat());
            }
        }

        /** this ← this + share (other − this). */
        void approach(Arrays other, double share) {
            values.flat().lerp_(other.values.flat(), new Scalar(share));
            running.flat().lerp_(other.running.flat(), new Scalar(share));
            changed();
        }

        @Override
        public void close() {
            values.close();
            running.close();
            if (multiplied != values) {
                multiplied.close();
            }
        }
    }

    /** All zero. */
    Weights(Network network, Target target, boolean averaged) {
        this.network = network;
        this.trained = ofTraining(network, true);
        List<ParameterSpec> statistics = ofTraining(network, false);
        this.newest = Arrays.zero(trained, statistics, target);
        this.averaged = averaged;
        this.averages = averaged ? Arrays.zero(trained, statistics, target) : newest;
        this.inUse = newest;
        this.gradients = new FlatTensor(trained, target.device(), ScalarType.Float);
        this.observed = new FlatTensor(statistics, target.device(), ScalarType.Float);
    }

    private static List<ParameterSpec> ofTraining(Network network, boolean trained) {
        return network.parameters().stream()
                .filter(parameter -> parameter.role().trained() == trained)
                .toList();
    }

    /** The trained parameters, in the order of all flat arrays. */
    List<ParameterSpec> trained() {
        return trained;
    }

    FlatTensor values() {
        return inUse.values;
    }

    /** All that is kept from step to step. */
    List<FlatTensor> all() {
        return averaged
                ? List.of(newest.values, newest.running, averages.values, averages.running)
                : List.of(newest.values, newest.running);
    }

    /** From now on all values are the averages, or again the newest. */
    void useAverages(boolean use) {
        inUse = use ? averages : newest;
    }

    /** Moves the averages, if there are any, to where the newest values are: all but {@code decay} of the way. */
    void average(double decay) {
        if (averaged) {
            averages.approach(newest, 1 - decay);
        }
    }

    /** A parameter in the type of the activations. */
    org.bytedeco.pytorch.Tensor multiplied(String parameter) {
        return inUse.multiplied.view(parameter);
    }

    FlatTensor gradients() {
        return gradients;
    }

    FlatTensor running() {
        return inUse.running;
    }

    /** Mean and unbiased variance of the last batch of training. */
    FlatTensor observed() {
        return observed;
    }

    /** running ← (1 − α) running + α batch. */
    void acceptStatistics() {
        newest.running
                .flat()
                .mul_(new Scalar(1 - Node.BatchNorm.MOMENTUM))
                .add_(observed.flat(), new Scalar(Node.BatchNorm.MOMENTUM));
    }

    /** Makes the running statistics in use the mean of the batch's and of those of some earlier batches, which they are of. */
    void addToStatistics(int batches) {
        inUse.running.flat().lerp_(observed.flat(), new Scalar(1.0 / (batches + 1)));
    }

    /** To be called when {@link #values} have changed. */
    void changed() {
        newest.changed();
    }

    /** A copy in canonical order. */
    List<Tensor> read() {
        return read(newest);
    }

    /** A copy of the averages in canonical order; empty if there are none. */
    List<Tensor> readAverages() {
        return averaged ? read(averages) : List.of();
    }

    private List<Tensor> read(Arrays arrays) {
        Iterator<Tensor> ofTraining = arrays.values.read("").iterator();
        Iterator<Tensor> statistics = arrays.running.read("").iterator();
        List<Tensor> tensors = new ArrayList<>();
        for (ParameterSpec parameter : network.parameters()) {
            tensors.add(parameter.role().trained() ? ofTraining.next() : statistics.next());
        }
        return tensors;
    }

    /** Takes over arrays in canonical order, and those of embedding if they are averaged. */
    void write(List<Tensor> tensors, List<Tensor> ofEmbedding) {
        write(newest, tensors);
        if (averaged) {
            write(averages, ofEmbedding);
        }
    }

    private void write(Arrays arrays, List<Tensor> tensors) {
        Map<Boolean, List<Tensor>> parts = new HashMap<>(Map.of(true, new ArrayList<>(), false, new ArrayList<>()));
        for (int i = 0; i < tensors.size(); i++) {
            parts.get(network.parameters().get(i).role().trained()).add(tensors.get(i));
        }
        arrays.values.write(parts.get(true));
        arrays.running.write(parts.get(false));
        arrays.changed();
    }

    @Override
    public void close() {
        newest.close();
        if (averaged) {
            averages.close();
        }
        gradients.close();
        observed.close();
    }
}
