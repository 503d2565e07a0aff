package io.contrastream.encoders.torch;

import io.contrastream.learning.network.ParameterSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * One array of numbers for each of many parameters, one behind the other, so that an operation on all of them is one call. Those
 * of convolutions lie channels last.
 */
final class FlatTensor implements AutoCloseable {

    private final List<ParameterSpec> specs;
    private final Tensor flat;
    private final Map<String, Tensor> views = new LinkedHashMap<>();

    /** All zero. */
    FlatTensor(List<ParameterSpec> specs, String device, ScalarType type) {
        this.specs = specs;
        long size = specs.stream().mapToLong(ParameterSpec::size).sum();
        try (PointerScope scope = new PointerScope()) {
            this.flat = Native.keep(Native.zeros(device, type, size));
            views(flat).forEach((name, view) -> views.put(name, Native.keep(view)));
        }
    }

    private Map<String, Tensor> views(Tensor of) {
        Map<String, Tensor> parts = new LinkedHashMap<>();
        long offset = 0;
        for (ParameterSpec spec : specs) {
            int[] shape = spec.shape();
            Tensor part = of.narrow(0, offset, spec.size());
            parts.put(
                    spec.name(),
                    switch (shape.length) {
                        case 1 -> part;
                        case 2 -> part.view(shape[0], shape[1]);
                        default ->
                            part.view(shape[0], shape[2], shape[3], shape[1]).permute(0, 3, 1, 2);
                    });
            offset += spec.size();
        }
        return parts;
    }

    /** All of it, [size]. */
    Tensor flat() {
        return flat;
    }

    /** The array of one parameter, in the parameter's shape. */
    Tensor view(String parameter) {
        return views.get(parameter);
    }

    /** A copy in canonical form. The names are the parameters' behind a prefix. */
    List<io.contrastream.learning.network.Tensor> read(String prefix) {
        List<io.contrastream.learning.network.Tensor> tensors = new ArrayList<>();
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> parts = views(Native.host(flat));
            for (ParameterSpec spec : specs) {
                tensors.add(new io.contrastream.learning.network.Tensor(
                        prefix + spec.name(), spec.shape(), Native.values(parts.get(spec.name()))));
            }
        }
        return tensors;
    }

    /** Takes over arrays in canonical form, in the parameters' order. */
    void write(List<io.contrastream.learning.network.Tensor> tensors) {
        try (PointerScope scope = new PointerScope();
                FlatTensor staged = new FlatTensor(specs, "cpu", ScalarType.Float)) {
            for (int i = 0; i < specs.size(); i++) {
                Tensor dense = Native.zeros("cpu", ScalarType.Float, shape(specs.get(i)));
                dense.data_ptr_float().put(tensors.get(i).values());
                staged.view(specs.get(i).name()).copy_(dense);
            }
            flat.copy_(staged.flat);
        }
    }

    private static long[] shape(ParameterSpec spec) {
        long[] shape = new long[spec.shape().length];
        for (int axis = 0; axis < shape.length; axis++) {
            shape[axis] = spec.shape()[axis];
        }
        return shape;
    }

    @Override
    public void close() {
        views.values().forEach(Tensor::close);
        flat.close();
    }
}
