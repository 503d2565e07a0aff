package io.contrastream.encoders.torch;

import io.contrastream.encoders.parity.Probe;
import io.contrastream.learning.encoder.FeatureLoss;
import io.contrastream.learning.network.Tensor;
import java.util.List;

record TorchProbe(TorchEncoder encoder) implements Probe {

    @Override
    public float[] project(float[] images, int n) {
        return encoder.project(images, n);
    }

    @Override
    public List<Tensor> gradients(float[] views, int[] labels) {
        encoder.differentiate(views, labels, FeatureLoss.NONE);
        return encoder.weights().gradients().read("");
    }

    @Override
    public void close() {
        encoder.close();
    }
}
