package io.contrastream.learning.classifier;

import io.contrastream.learning.encoder.FeatureLoss;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A linear classifier of features that grows with the classes and is of use for training alone: its cross-entropy, beside the
 * contrastive loss, teaches the encoder to tell classes apart, while images are still classified by the nearest prototype.
 *
 * <pre>
 *   L = −w · mean over views i of log softmax(W h_i + b)[y_i]
 * </pre>
 *
 * over the classes known so far. It learns with the encoder's optimiser. Not thread-safe.
 */
public final class SoftmaxClassifier implements FeatureLoss {

    private static final String WEIGHT = "classifier.weight";

    private final int features;
    private final double weight;
    private final OptimizerOptions optimizer;
    private final long seed;
    private final float[][] slots;
    private int classes;
    /** A row a class: its weights, then its bias. */
    private float[] parameters = {}; // [K, D + 1]

    private float[] slopes = {}; // [K, D + 1]
    private int[] labels = {};

    /**
     * One that knows no class.
     *
     * @param features D, values of a feature vector
     * @param weight w of the loss, above 0
     * @param seed of the initial weights
     */
    public SoftmaxClassifier(int features, double weight, OptimizerOptions optimizer, long seed) {
        this.features = features;
        this.weight = weight;
        this.optimizer = optimizer;
        this.seed = seed;
        slots = new float[optimizer.slots().size()][0];
    }

    /**
     * The loss of a step.
     *
     * @param viewLabels [N], numbers of classes below {@code classCount}
     * @param classCount classes known by now, at least as many as before
     */
    public FeatureLoss of(int[] viewLabels, int classCount) {
        grow(classCount);
        labels = viewLabels;
        return this;
    }

    /** New classes start from PyTorch's initial values of a linear layer, but without a bias. */
    private void grow(int classCount) {
        int from = classes;
        classes = classCount;
        parameters = Arrays.copyOf(parameters, classes * (features + 1));
        for (int i = 0; i < slots.length; i++) {
            slots[i] = Arrays.copyOf(slots[i], parameters.length);
        }
        double bound = 1 / Math.sqrt(features);
        for (int k = from; k < classes; k++) {
            RandomStream random = RandomStream.of(seed, Purpose.CLASSIFIER, 0, k);
            for (int d = 0; d < features; d++) {
                parameters[k * (features + 1) + d] = (float) random.nextDouble(-bound, bound);
            }
        }
    }

    @Override
    public double lossAndGradient(float[] rows, float[] gradient) {
        int n = labels.length;
        int stride = features + 1;
        slopes = new float[parameters.length];
        float[] columns = transposed(); // [D, K]
        float[] logits = new float[classes];
        double loss = 0;
        for (int i = 0; i < n; i++) {
            int row = i * features;
            for (int k = 0; k < classes; k++) {
                logits[k] = parameters[k * stride + features];
            }
            for (int d = 0; d < features; d++) {
                addScaled(rows[row + d], columns, d * classes, logits, 0, classes);
            }
            loss += softmaxGradient(logits, labels[i], weight / n);
            for (int k = 0; k < classes; k++) {
                addScaled(logits[k], parameters, k * stride, gradient, row, features);
                addScaled(logits[k], rows, row, slopes, k * stride, features);
                slopes[k * stride + features] += logits[k];
            }
        }
        return weight * loss / n;
    }

    /** What all inner loops do: the compiler makes vector instructions of it, but none of a sum of products. */
    private static void addScaled(float factor, float[] from, int fromOffset, float[] to, int toOffset, int count) {
        for (int i = 0; i < count; i++) {
            to[toOffset + i] += factor * from[fromOffset + i];
        }
    }

    private float[] transposed() {
        float[] columns = new float[features * classes];
        for (int k = 0; k < classes; k++) {
            for (int d = 0; d < features; d++) {
                columns[d * classes + k] = parameters[k * (features + 1) + d];
            }
        }
        return columns;
    }

    /** Takes logits, [K], to {@code scale} times the cross-entropy's gradient with respect to them; returns the cross-entropy. */
    private static double softmaxGradient(float[] logits, int label, double scale) {
        float maximum = Float.NEGATIVE_INFINITY;
        for (float logit : logits) {
            maximum = Math.max(maximum, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - maximum);
        }
        double loss = maximum + Math.log(sum) - logits[label];
        for (int k = 0; k < logits.length; k++) {
            double probability = Math.exp(logits[k] - maximum) / sum;
            logits[k] = (float) (scale * (probability - (k == label ? 1 : 0)));
        }
        return loss;
    }

    /**
     * Takes the optimiser step for which {@link #lossAndGradient} was asked; to be called if the encoder took it too.
     *
     * @param step optimiser steps of the encoder before
     * @param rate what the learning rate is multiplied by
     */
    public void update(long step, double rate) {
        for (int i = 0; i < parameters.length; i++) {
            slopes[i] += (float) (optimizer.weightDecay() * parameters[i]);
        }
        double learningRate = rate * optimizer.learningRateAt(step);
        switch (optimizer.kind()) {
            case SGD -> descend(learningRate);
            case ADAM -> adapt(learningRate, step + 1.0);
        }
    }

    private void descend(double learningRate) {
        for (int i = 0; i < parameters.length; i++) {
            double direction = slopes[i];
            if (slots.length > 0) {
                slots[0][i] = (float) (optimizer.momentum() * slots[0][i] + direction);
                direction = slots[0][i];
            }
            parameters[i] -= (float) (learningRate * direction);
        }
    }

    private void adapt(double learningRate, double t) {
        double meanCorrection = 1 - Math.pow(optimizer.beta1(), t);
        double squareCorrection = 1 - Math.pow(optimizer.beta2(), t);
        float[] mean = slots[0];
        float[] square = slots[1];
        for (int i = 0; i < parameters.length; i++) {
            double slope = slopes[i];
            mean[i] = (float) (optimizer.beta1() * mean[i] + (1 - optimizer.beta1()) * slope);
            square[i] = (float) (optimizer.beta2() * square[i] + (1 - optimizer.beta2()) * slope * slope);
            parameters[i] -= (float) (learningRate
                    / meanCorrection
                    * mean[i]
                    / (Math.sqrt(square[i] / squareCorrection) + optimizer.epsilon()));
        }
    }

    /** A copy of all that it has learned: weights with the bias behind them, [K, D + 1], and the optimiser's slots of them. */
    public List<Tensor> state() {
        List<Tensor> tensors = new ArrayList<>();
        tensors.add(tensor(WEIGHT, parameters));
        for (int i = 0; i < slots.length; i++) {
            tensors.add(tensor(optimizer.slots().get(i) + "/" + WEIGHT, slots[i]));
        }
        return tensors;
    }

    private Tensor tensor(String name, float[] values) {
        return new Tensor(name, new int[] {classes, features + 1}, values.clone());
    }

    /**
     * Takes over a {@link #state()}; from an empty one it starts anew, and so do slots that are not in it.
     *
     * @throws IllegalArgumentException if it is of features of another size
     */
    public void restore(List<Tensor> state) {
        classes = 0;
        parameters = new float[0];
        Arrays.fill(slots, new float[0]);
        for (Tensor tensor : state) {
            int[] shape = tensor.shape();
            if (shape.length != 2 || shape[1] != features + 1) {
                throw new IllegalArgumentException("the classifier in the state has " + tensor + ", but features of "
                        + features + " values need " + (features + 1) + " columns");
            }
            if (tensor.name().equals(WEIGHT)) {
                classes = shape[0];
                parameters = tensor.values().clone();
            }
        }
        for (int i = 0; i < slots.length; i++) {
            String name = optimizer.slots().get(i) + "/" + WEIGHT;
            slots[i] = state.stream()
                    .filter(tensor -> tensor.name().equals(name))
                    .findAny()
                    .map(tensor -> tensor.values().clone())
                    .orElseGet(() -> new float[parameters.length]);
        }
    }
}
