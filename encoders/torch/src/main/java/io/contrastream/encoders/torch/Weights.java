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

/** The arrays of a network: trained parameters, running statistics, and what a batch makes of both before it is taken over. */
final class Weights implements AutoCloseable {

    private final Network network;
    private final List<ParameterSpec> trained;
    private final FlatTensor values;
    private final FlatTensor multiplied;
    private final FlatTensor gradients;
    private final FlatTensor running;
    private final FlatTensor observed;

    /** All zero. */
    Weights(Network network, Target target) {
        this.network = network;
        this.trained = ofTraining(network, true);
        List<ParameterSpec> statistics = ofTraining(network, false);
        this.values = new FlatTensor(trained, target.device(), ScalarType.Float);
        this.multiplied = target.activations() == ScalarType.Float
                ? values
                : new FlatTensor(trained, target.device(), target.activations());
        this.gradients = new FlatTensor(trained, target.device(), ScalarType.Float);
        this.running = new FlatTensor(statistics, target.device(), ScalarType.Float);
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
        return values;
    }

    /** A parameter in the type of the activations. */
    org.bytedeco.pytorch.Tensor multiplied(String parameter) {
        return multiplied.view(parameter);
    }

    FlatTensor gradients() {
        return gradients;
    }

    FlatTensor running() {
        return running;
    }

    /** Mean and unbiased variance of the last batch of training. */
    FlatTensor observed() {
        return observed;
    }

    /** running ← (1 − α) running + α batch. */
    void acceptStatistics() {
        running.flat()
                .mul_(new Scalar(1 - Node.BatchNorm.MOMENTUM))
                .add_(observed.flat(), new Scalar(Node.BatchNorm.MOMENTUM));
    }

    /** To be called when {@link #values} have changed. */
    void changed() {
        if (multiplied != values) {
            multiplied.flat().copy_(values.flat());
        }
    }

    /** A copy in canonical order. */
    List<Tensor> read() {
        Iterator<Tensor> ofTraining = values.read("").iterator();
        Iterator<Tensor> statistics = running.read("").iterator();
        List<Tensor> tensors = new ArrayList<>();
        for (ParameterSpec parameter : network.parameters()) {
            tensors.add(parameter.role().trained() ? ofTraining.next() : statistics.next());
        }
        return tensors;
    }

    /** Takes over arrays in canonical order. */
    void write(List<Tensor> tensors) {
        Map<Boolean, List<Tensor>> parts = new HashMap<>(Map.of(true, new ArrayList<>(), false, new ArrayList<>()));
        for (int i = 0; i < tensors.size(); i++) {
            parts.get(network.parameters().get(i).role().trained()).add(tensors.get(i));
        }
        values.write(parts.get(true));
        running.write(parts.get(false));
        changed();
    }

    @Override
    public void close() {
        List.of(values, gradients, running, observed).forEach(FlatTensor::close);
        if (multiplied != values) {
            multiplied.close();
        }
    }
}
