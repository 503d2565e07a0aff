package io.contrastream.encoders.parity;

import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.ParameterSpec;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.ArrayList;
import java.util.List;

/**
 * Weights, views and labels as a pure function of the case's seed; {@code parity.py} generates the same.
 *
 * @param spec of the network
 * @param seed of everything
 * @param count views of a batch
 * @param classes from which labels are drawn
 */
record Inputs(EncoderSpec spec, long seed, int count, int classes) {

    static Inputs of(ParityCase golden) {
        return new Inputs(golden.spec(), golden.integer("seed"), golden.integer("views"), golden.integer("classes"));
    }

    /**
     * A network's initial weights, with batch normalisation moved away from 1 and 0: those would hide an array that is left out
     * or mistaken for another. The last one of each block gets a small weight, and biases keep values away from the kinks of
     * ReLUs; {@code parity.py} says why.
     */
    List<Tensor> parameters(List<Tensor> initial) {
        List<ParameterSpec> specs = spec.network().parameters();
        List<Tensor> parameters = new ArrayList<>();
        for (int i = 0; i < specs.size(); i++) {
            ParameterSpec parameter = specs.get(i);
            RandomStream random = RandomStream.of(seed, Purpose.INITIALISE, 0, i);
            parameters.add(
                    switch (parameter.role()) {
                        case CONVOLUTION_WEIGHT, LINEAR_WEIGHT, LINEAR_BIAS -> initial.get(i);
                        case NORM_BIAS ->
                            upAndDown(parameter, parameters.get(i - 1).values(), random);
                        case RUNNING_MEAN -> uniform(parameter, -0.25, 0.25, random);
                        case RUNNING_VARIANCE -> uniform(parameter, 0.75, 1.25, random);
                        case NORM_WEIGHT ->
                            parameter.name().endsWith(lastNorm() + ".weight")
                                    ? uniform(parameter, 0.1, 0.2, random)
                                    : uniform(parameter, 0.75, 1.25, random);
                    });
        }
        return parameters;
    }

    private String lastNorm() {
        return spec.architecture() == Architecture.RESNET50 ? ".bn3" : ".bn2";
    }

    private static Tensor uniform(ParameterSpec parameter, double low, double high, RandomStream random) {
        float[] values = new float[parameter.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(low, high);
        }
        return new Tensor(parameter.name(), parameter.shape(), values);
    }

    /** Two to two and a half times the weight in front of it, positive in every other channel and negative in the ones between. */
    private static Tensor upAndDown(ParameterSpec bias, float[] weights, RandomStream random) {
        float[] values = new float[bias.size()];
        for (int channel = 0; channel < values.length; channel++) {
            double size = random.nextDouble(2, 2.5) * weights[channel];
            values[channel] = (float) (channel % 2 == 0 ? size : -size);
        }
        return new Tensor(bias.name(), bias.shape(), values);
    }

    int[] labels(int step) {
        RandomStream random = RandomStream.of(seed, Purpose.GENERATE, step, count);
        int[] labels = new int[count];
        for (int view = 0; view < count; view++) {
            labels[view] = random.nextInt(classes);
        }
        return labels;
    }

    /** Noise between a low and a high value of each channel, which are half the class's and half the view's own. */
    float[] views(int step) {
        int[] labels = labels(step);
        int channels = spec.input().channels();
        int pixels = spec.input().size() / channels;
        float[] views = new float[count * spec.input().size()];
        for (int view = 0; view < count; view++) {
            RandomStream ofClass = RandomStream.of(seed, Purpose.GENERATE, -1, labels[view]);
            RandomStream random = RandomStream.of(seed, Purpose.GENERATE, step, view);
            for (int channel = 0; channel < channels; channel++) {
                double low = (ofClass.nextDouble() + random.nextDouble()) / 2;
                double high = (ofClass.nextDouble() + random.nextDouble()) / 2;
                int offset = (view * channels + channel) * pixels;
                for (int pixel = 0; pixel < pixels; pixel++) {
                    views[offset + pixel] = (float) (low + (high - low) * random.nextDouble());
                }
            }
        }
        return views;
    }
}
