package io.contrastream.benchmarks.continual;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.ForwardingEncoder;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.StepRate;
import io.contrastream.learning.encoder.StepResult;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.objective.Objective;
import java.util.ArrayList;
import java.util.List;

/**
 * An encoder whose loss has the other sign: every step is taken the other way. A step w' = w - r d is turned into w + r d =
 * 2 w - w', with the direction d of any optimiser that is odd in the gradients, such as gradient descent with or without momentum and
 * Adam: its slots then stand for those of the other sign. The classifier's steps are turned likewise, but for classes that are new to
 * it. Averages, where there are any, are the turned weights themselves. Running statistics are as the step leaves them.
 */
final class UphillEncoder extends ForwardingEncoder {

    UphillEncoder(Encoder engine) {
        super(engine);
    }

    @Override
    public StepResult train(StepInput input, Objective objective, StepRate rate) {
        EncoderState before = state();
        StepResult result = super.train(input, objective, rate);
        EncoderState after = state();
        List<Tensor> parameters = new ArrayList<>();
        for (int i = 0; i < before.parameters().size(); i++) {
            parameters.add(turned(before.parameters().get(i), after.parameters().get(i)));
        }
        List<Tensor> classifier = new ArrayList<>(after.classifier());
        for (int i = 0; i < Math.min(2, classifier.size()); i++) { // weight and bias, before the optimiser's slots
            classifier.set(i, turned(before.classifier(), after.classifier().get(i)));
        }
        load(new EncoderState(
                after.fingerprint(),
                after.step(),
                parameters,
                after.optimizerSlots(),
                after.averages().isEmpty() ? List.of() : parameters,
                classifier));
        return result;
    }

    /** Of the array of the same name, the classes that were there before; these are its first rows. */
    private static Tensor turned(List<Tensor> before, Tensor after) {
        float[] values = after.values().clone();
        before.stream().filter(tensor -> tensor.name().equals(after.name())).forEach(tensor -> {
            for (int i = 0; i < tensor.values().length; i++) {
                values[i] = 2 * tensor.values()[i] - values[i];
            }
        });
        return new Tensor(after.name(), after.shape(), values);
    }

    private static Tensor turned(Tensor before, Tensor after) {
        if (after.name().contains("running_")) {
            return after;
        }
        float[] values = new float[after.values().length];
        for (int i = 0; i < values.length; i++) {
            values[i] = 2 * before.values()[i] - after.values()[i];
        }
        return new Tensor(after.name(), after.shape(), values);
    }
}
