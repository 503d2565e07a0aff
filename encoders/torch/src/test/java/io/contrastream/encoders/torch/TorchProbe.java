package io.contrastream.encoders.torch;

import io.contrastream.encoders.parity.Probe;
import io.contrastream.learning.encoder.StepRate;
import io.contrastream.learning.encoder.StepResult;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.objective.Objective;
import java.util.List;

record TorchProbe(TorchEncoder encoder) implements Probe {

    @Override
    public float[] project(float[] images, int n) {
        return encoder.project(images, n);
    }

    @Override
    public List<Tensor> gradients(float[] views, int[] labels, Objective objective) {
        return encoder.gradients(views, labels, objective).read();
    }

    @Override
    public StepResult train(float[] views, int[] labels, Objective objective) {
        return encoder.apply(encoder.gradients(views, labels, objective), StepRate.FULL);
    }

    @Override
    public void close() {
        encoder.close();
    }
}
