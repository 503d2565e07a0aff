package io.contrastream.encoders.dl4j;

import io.contrastream.encoders.parity.Probe;
import io.contrastream.learning.encoder.FeatureLoss;
import io.contrastream.learning.network.Tensor;
import java.util.List;

record Dl4jProbe(Dl4jEncoder encoder) implements Probe {

    @Override
    public float[] project(float[] images, int n) {
        return encoder.project(images, n);
    }

    @Override
    public List<Tensor> gradients(float[] views, int[] labels) {
        encoder.differentiate(views, labels, FeatureLoss.NONE);
        return encoder.exchange().gradients();
    }

    @Override
    public void close() {
        encoder.close();
    }
}
