package io.contrastream.learning.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SoftmaxClassifierTest {

    private static final int FEATURES = 5;
    private static final int CLASSES = 4;
    private static final int VIEWS = 9;
    private static final double WEIGHT = 0.7;
    private static final int[] LABELS = {0, 3, 1, 1, 2, 0, 3, 3, 1};

    static Stream<OptimizerOptions> optimizers() {
        return Stream.of(
                OptimizerOptions.sgd(0.1, 0, 0),
                OptimizerOptions.sgd(0.1, 0.9, 1e-2),
                OptimizerOptions.adam(1e-2, 1e-2));
    }

    private static SoftmaxClassifier classifier(OptimizerOptions optimizer) {
        return new SoftmaxClassifier(FEATURES, WEIGHT, optimizer, 3);
    }

    private static float[] features(int batch) {
        RandomStream random = RandomStream.of(8, Purpose.GENERATE, batch, 0);
        float[] values = new float[VIEWS * FEATURES];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-2, 2);
        }
        return values;
    }

    /** The loss as its formula has it. */
    private static double loss(float[] features, double[] parameters) {
        double sum = 0;
        for (int i = 0; i < VIEWS; i++) {
            double[] logits = new double[CLASSES];
            for (int k = 0; k < CLASSES; k++) {
                logits[k] = parameters[k * (FEATURES + 1) + FEATURES];
                for (int d = 0; d < FEATURES; d++) {
                    logits[k] += parameters[k * (FEATURES + 1) + d] * features[i * FEATURES + d];
                }
            }
            double total = Arrays.stream(logits).map(Math::exp).sum();
            sum -= Math.log(Math.exp(logits[LABELS[i]]) / total);
        }
        return WEIGHT * sum / VIEWS;
    }

    private static double[] weights(SoftmaxClassifier classifier) {
        float[] values = classifier.state().get(0).values();
        double[] copy = new double[values.length];
        Arrays.setAll(copy, i -> values[i]);
        return copy;
    }

    @Test
    void lossAndGradientAreThoseOfTheFormula() {
        SoftmaxClassifier classifier = classifier(OptimizerOptions.sgd(1, 0, 0));
        float[] features = features(0);
        float[] gradient = new float[features.length];

        double loss = classifier.of(LABELS, CLASSES).lossAndGradient(features, gradient);

        double[] before = weights(classifier);
        assertThat(loss).isCloseTo(loss(features, before), within(1e-6));
        float step = 1e-2f;
        for (int i = 0; i < features.length; i++) {
            float[] more = features.clone();
            more[i] += step;
            float[] less = features.clone();
            less[i] -= step;
            double slope = (loss(more, before) - loss(less, before)) / (more[i] - less[i]);
            assertThat((double) gradient[i]).isCloseTo(slope, within(2e-5));
        }
        // Gradient descent at a rate of 1: the weights move by their gradient.
        classifier.update(0, 1);
        double[] after = weights(classifier);
        for (int i = 0; i < before.length; i++) {
            double[] more = before.clone();
            more[i] += step;
            double[] less = before.clone();
            less[i] -= step;
            double slope = (loss(features, more) - loss(features, less)) / (2 * step);
            assertThat(before[i] - after[i]).isCloseTo(slope, within(2e-5));
        }
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void learnsAFixedBatch(OptimizerOptions optimizer) {
        SoftmaxClassifier classifier = classifier(optimizer);
        double first = step(classifier, 0, 0);
        double last = first;
        for (int step = 1; step < 200; step++) {
            last = step(classifier, 0, step);
        }
        assertThat(last).isLessThan(0.8 * first);
    }

    private static double step(SoftmaxClassifier classifier, int batch, long step) {
        float[] features = features(batch);
        double loss = classifier.of(LABELS, CLASSES).lossAndGradient(features, new float[features.length]);
        classifier.update(step, 1);
        return loss;
    }

    /** One coordinate, whose gradient is known, through the formulas of the optimisers in PyTorch's documentation. */
    @ParameterizedTest
    @MethodSource("optimizers")
    void stepsAreThoseOfPyTorchsOptimizer(OptimizerOptions optimizer) {
        SoftmaxClassifier classifier = classifier(optimizer);
        double x = Double.NaN;
        double[] slots = new double[2];
        for (int t = 1; t <= 20; t++) {
            float[] features = features(t);
            classifier.of(LABELS, CLASSES).lossAndGradient(features, new float[features.length]);
            double[] weights = weights(classifier);
            x = t == 1 ? weights[2] : x;
            double h = 1e-4;
            double[] more = weights.clone();
            more[2] += h;
            double[] less = weights.clone();
            less[2] -= h;
            double g = (loss(features, more) - loss(features, less)) / (2 * h) + optimizer.weightDecay() * x;
            if (optimizer.kind() == OptimizerOptions.Kind.ADAM) {
                slots[0] = optimizer.beta1() * slots[0] + (1 - optimizer.beta1()) * g;
                slots[1] = optimizer.beta2() * slots[1] + (1 - optimizer.beta2()) * g * g;
                double mean = slots[0] / (1 - Math.pow(optimizer.beta1(), t));
                double square = slots[1] / (1 - Math.pow(optimizer.beta2(), t));
                x -= 0.5 * optimizer.learningRate() * mean / (Math.sqrt(square) + optimizer.epsilon());
            } else {
                slots[0] = optimizer.momentum() * slots[0] + g;
                x -= 0.5 * optimizer.learningRate() * slots[0];
            }
            classifier.update(t - 1, 0.5);
            assertThat(weights(classifier)[2]).isCloseTo(x, within(1e-5));
        }
    }

    @Test
    void newClassesLeaveTheOldOnesAsTheyAre() {
        SoftmaxClassifier classifier = classifier(OptimizerOptions.adam(1e-2, 0));
        step(classifier, 0, 0);
        List<Tensor> before = classifier.state();

        classifier.of(LABELS, CLASSES + 2);

        List<Tensor> after = classifier.state();
        for (int i = 0; i < before.size(); i++) {
            assertThat(after.get(i).shape()).containsExactly(CLASSES + 2, FEATURES + 1);
            assertThat(after.get(i).values()).startsWith(before.get(i).values());
        }
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void aRestoredOneGoesOnAsTheOriginal(OptimizerOptions optimizer) {
        SoftmaxClassifier original = classifier(optimizer);
        step(original, 0, 0);
        SoftmaxClassifier restored = classifier(optimizer);
        restored.restore(original.state());

        step(original, 1, 1);
        step(restored, 1, 1);

        assertThat(restored.state()).isEqualTo(original.state());
        restored.restore(List.of());
        assertThat(restored.state()).isEqualTo(classifier(optimizer).state());
    }

    @Test
    void oneOfOtherFeaturesIsRefused() {
        SoftmaxClassifier wider = new SoftmaxClassifier(FEATURES + 1, WEIGHT, OptimizerOptions.sgd(0.1, 0, 0), 3);
        wider.of(LABELS, CLASSES);
        assertThatThrownBy(() -> classifier(OptimizerOptions.sgd(0.1, 0, 0)).restore(wider.state()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "the classifier in the state has classifier.weight[4, 7], but features of 5 values need 6 columns");
    }
}
