package io.contrastream.encoders.dl4j;

import io.contrastream.encoders.parity.Probe;
import io.contrastream.learning.network.Tensor;
import java.util.Arrays;
import java.util.List;

record Dl4jProbe(Dl4jEncoder encoder) implements Probe {

    @Override
    public float[] project(float[] images, int n) {
        return encoder.project(images, n);
    }

    @Override
    public List<Tensor> gradients(float[] views, int[] labels) {
        encoder.differentiate(views, labels);
        float[] flat = Transfer.floats(encoder.graph().getFlattenedGradients());
        return encoder.spec().network().parameters().stream()
                .filter(parameter -> parameter.role().trained())
                .map(parameter -> {
                    int from = encoder.graph().offset(parameter.name());
                    return new Tensor(
                            parameter.name(),
                            parameter.shape(),
                            Arrays.copyOfRange(flat, from, from + parameter.size()));
                })
                .toList();
    }

    @Override
    public void close() {
        encoder.close();
    }
}
