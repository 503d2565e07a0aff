package io.contrastream.learning.encoder;

import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Fingerprint;
import io.contrastream.learning.network.ParameterSpec;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.objective.Classifier;
import io.contrastream.learning.objective.Proxies;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Everything that training changes in an encoder, in canonical form, so that it moves between engines.
 *
 * @param fingerprint of the {@link io.contrastream.learning.network.EncoderSpec}, the text of a {@link Fingerprint}
 * @param step optimiser steps taken since the model's start: the encoder version, at least 0
 * @param parameters all arrays of the network, in the order and with the names of {@code Network.parameters()}
 * @param optimizerSlots what the optimiser remembers of every trained parameter, in that order; the names are
 *     {@code <slot>/<parameter>}, where the slot is PyTorch's name: {@code momentum_buffer} for SGD with momentum,
 *     {@code exp_avg} and {@code exp_avg_sq} for Adam (first all of the one, then all of the other); empty for plain SGD and
 *     before the first step
 * @param averages exponential moving averages of all arrays, with the names and in the order of {@code parameters}; empty if there
 *     are none
 * @param classifier of a cross-entropy: {@link Classifier#WEIGHT} and {@link Classifier#BIAS} with a row a class, and behind them both
 *     of every slot of the optimiser, named and ordered as {@code optimizerSlots}, and where there are averages those of both behind
 *     {@link Classifier#AVERAGES}, which older states lack; empty if there is none
 * @param proxies of a proxy loss: {@link Proxies#WEIGHT} with a row a class, and behind it that of every slot of the optimiser; empty if there
 *     are none
 */
public record EncoderState(
        String fingerprint,
        long step,
        List<Tensor> parameters,
        List<Tensor> optimizerSlots,
        List<Tensor> averages,
        List<Tensor> classifier,
        List<Tensor> proxies) {

    public EncoderState {
        parameters = List.copyOf(parameters);
        optimizerSlots = List.copyOf(optimizerSlots);
        averages = List.copyOf(averages);
        classifier = List.copyOf(classifier);
        proxies = List.copyOf(proxies);
    }

    /** Without class vectors. */
    public EncoderState(
            String fingerprint,
            long step,
            List<Tensor> parameters,
            List<Tensor> optimizerSlots,
            List<Tensor> averages,
            List<Tensor> classifier) {
        this(fingerprint, step, parameters, optimizerSlots, averages, classifier, List.of());
    }

    /** Without a classifier. */
    public EncoderState(
            String fingerprint,
            long step,
            List<Tensor> parameters,
            List<Tensor> optimizerSlots,
            List<Tensor> averages) {
        this(fingerprint, step, parameters, optimizerSlots, averages, List.of());
    }

    /** Without averages and a classifier. */
    public EncoderState(String fingerprint, long step, List<Tensor> parameters, List<Tensor> optimizerSlots) {
        this(fingerprint, step, parameters, optimizerSlots, List.of());
    }

    /** The arrays that images are embedded with: the averages, or where there are none the parameters. */
    public List<Tensor> embedding() {
        return averages.isEmpty() ? parameters : averages;
    }

    /**
     * Names of the arrays that have a value which is NaN or infinite: of parameters, optimiser slots, classifier and class vectors as they are, of
     * averages behind {@code averages/}. An encoder cannot go on from such a state.
     */
    public List<String> notFinite() {
        List<String> names = new ArrayList<>();
        for (List<Tensor> tensors : List.of(parameters, optimizerSlots, averages, classifier, proxies)) {
            for (Tensor tensor : tensors) {
                if (tensor.notFinite() > 0) {
                    names.add((tensors == averages ? "averages/" : "") + tensor.name());
                }
            }
        }
        return names;
    }

    /**
     * Checks that an encoder of the given network and optimiser can take over this state. One with averages takes over one without,
     * and the other way round.
     *
     * @throws IllegalArgumentException naming what differs, if it cannot
     */
    public void requireFor(EncoderSpec spec, OptimizerOptions optimizer) {
        if (!Fingerprint.same(fingerprint, spec.fingerprint())) {
            throw new IllegalArgumentException("the state is of another network: its is [" + fingerprint
                    + "], this one's is [" + spec.fingerprint() + "]");
        }
        List<ParameterSpec> expected = spec.network().parameters();
        requireSame("parameters", parameters, expected, "");
        if (!averages.isEmpty()) {
            requireSame("averages", averages, expected, "");
        }
        List<ParameterSpec> trained = expected.stream()
                .filter(parameter -> parameter.role().trained())
                .toList();
        List<String> slots = step == 0 ? List.of() : optimizer.slots();
        String what = "optimiser slots of " + optimizer.kind();
        requireCount(what, optimizerSlots.size(), slots.size() * trained.size());
        for (int slot = 0; slot < slots.size(); slot++) {
            int from = slot * trained.size();
            requireSame(what, optimizerSlots.subList(from, from + trained.size()), trained, slots.get(slot) + "/");
        }
        if (!classifier.isEmpty()) {
            requireClassifier(slots);
        }
        if (!proxies.isEmpty()) {
            requireProxies(slots);
        }
    }

    private void requireProxies(List<String> slots) {
        String what = "arrays of class vectors";
        requireCount(what, proxies.size(), 1 + slots.size());
        int[] shape = proxies.get(0).shape();
        if (shape.length != 2) {
            throw new IllegalArgumentException(
                    "the class vectors in the state must be a matrix, but are " + proxies.get(0));
        }
        List<ParameterSpec> array = List.of(Proxies.parameter(shape[0], shape[1]));
        requireSame(what, proxies.subList(0, 1), array, "");
        for (int slot = 0; slot < slots.size(); slot++) {
            requireSame(what, proxies.subList(slot + 1, slot + 2), array, slots.get(slot) + "/");
        }
    }

    private void requireClassifier(List<String> slots) {
        String what = "arrays of the classifier";
        List<Tensor> newest = newest(classifier);
        requireCount(what, newest.size(), 2 + 2 * slots.size());
        int[] shape = newest.get(0).shape();
        if (shape.length != 2) {
            throw new IllegalArgumentException(
                    "the classifier in the state must have a matrix of weights, but has " + newest.get(0));
        }
        List<ParameterSpec> arrays = Classifier.parameters(shape[0], shape[1]);
        requireSame(what, newest.subList(0, 2), arrays, "");
        for (int slot = 0; slot < slots.size(); slot++) {
            requireSame(what, newest.subList(2 + 2 * slot, 4 + 2 * slot), arrays, slots.get(slot) + "/");
        }
        List<Tensor> averaged = classifier.subList(newest.size(), classifier.size());
        if (!averaged.isEmpty()) {
            requireSame("averages of the classifier", averaged, arrays, Classifier.AVERAGES);
        }
    }

    private static List<Tensor> newest(List<Tensor> classifier) {
        return classifier.stream()
                .filter(tensor -> !tensor.name().startsWith(Classifier.AVERAGES))
                .toList();
    }

    /** The classifier's arrays and the optimiser's slots of them, without averages. */
    public List<Tensor> newestClassifier() {
        return newest(classifier);
    }

    /** Weight and bias of the averaged classifier: where the state has no averages of it, the newest; empty if there is none. */
    public List<Tensor> averagedClassifier() {
        List<Tensor> newest = newestClassifier();
        return classifier.size() > newest.size()
                ? classifier.subList(newest.size(), classifier.size())
                : newest.subList(0, Math.min(2, newest.size()));
    }

    /** Classes that the classifier knows; 0 without one. */
    public int classes() {
        return classifier.isEmpty() ? 0 : classifier.get(0).shape()[0];
    }

    private static void requireCount(String what, int count, int expected) {
        if (count != expected) {
            throw new IllegalArgumentException(
                    "the state has " + count + " " + what + ", but the encoder has " + expected);
        }
    }

    private static void requireSame(String what, List<Tensor> tensors, List<ParameterSpec> expected, String prefix) {
        requireCount(what, tensors.size(), expected.size());
        for (int i = 0; i < tensors.size(); i++) {
            Tensor tensor = tensors.get(i);
            ParameterSpec spec = expected.get(i);
            if (!tensor.name().equals(prefix + spec.name()) || !Arrays.equals(tensor.shape(), spec.shape())) {
                throw new IllegalArgumentException("the state's number " + i + " of the " + what + " is " + tensor
                        + ", but the encoder's is " + prefix + spec.name() + Arrays.toString(spec.shape()));
            }
        }
    }
}
