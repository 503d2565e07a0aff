package io.contrastream.learning.learner;

import io.contrastream.learning.classifier.SoftmaxClassifier;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.FeatureLoss;
import io.contrastream.learning.learner.ViewMaker.Views;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Takes optimiser steps on what is new and what is recalled, with the encoder and with the classifier beside it if there is one. */
final class Training implements AutoCloseable {

    /** What the learning rate of a review is multiplied by: that of the authors of supervised contrastive replay. */
    private static final double REVIEW_RATE = 0.1;

    private final LearnerOptions options;
    private final Encoder encoder;
    private final ViewMaker viewMaker;
    private final SoftmaxClassifier classifier;
    private long step;

    Training(LearnerOptions options, Encoder encoder) {
        this.options = options;
        this.encoder = encoder;
        viewMaker = new ViewMaker(options, encoder.spec().input(), encoder::announce);
        classifier = new SoftmaxClassifier(
                encoder.spec().embeddingSize(),
                options.classifierWeight(),
                encoder.training().optimizer(),
                options.seed());
        step = encoder.state().step();
    }

    /** Optimiser steps taken since the model's start. */
    long step() {
        return step;
    }

    /** What the encoder has beside its own state; empty without a classifier. */
    List<Tensor> classifier() {
        return options.classifierWeight() > 0 ? classifier.state() : List.of();
    }

    /** Goes on from another state of the encoder. */
    void restore(long encoderStep, List<Tensor> classifierState) {
        step = encoderStep;
        classifier.restore(classifierState);
    }

    /** Begins to make the views of a mini-batch's first step, which has its own recall as every step. */
    Views begin(Experience experience, List<Example> batch, int[] labels) {
        return views(experience, batch, labels, attempt(experience));
    }

    /**
     * Takes the steps of a mini-batch.
     *
     * @param begun of this mini-batch
     * @return mean loss of those taken; NaN if there are none
     */
    float learn(Experience experience, List<Example> batch, int[] labels, Views begun) {
        Views views = begun;
        long before = step;
        double lossSum = 0;
        for (int left = options.stepsPerBatch(); left > 0; left--) {
            float[] values = views.values(); // [V(B + M), C, H, W]
            int[] viewLabels = views.labels(); // [V(B + M)]
            if (left > 1) {
                views = views(experience, batch, labels, attempt(experience) + 1);
            }
            lossSum += step(experience, values, viewLabels, 1);
        }
        return step == before ? Float.NaN : (float) (lossSum / (step - before));
    }

    /**
     * Takes none of the steps of a mini-batch, which counts as if none had been possible.
     *
     * @param problem what is wrong, to be told where it goes on for too long
     * @throws DivergedException as {@link #learn}
     */
    void leaveOut(Experience experience, String problem) {
        for (int left = options.stepsPerBatch(); left > 0; left--) {
            skip(experience, problem);
        }
    }

    /**
     * Learns memory once more at a tenth of the learning rate, in random order and in steps of the recall's size; what is left over
     * is left out (Mai et al. 2021, section 4: the review trick).
     */
    void review(Experience experience) {
        int[] order = experience.replay.recall(
                experience.replay.size(), RandomStream.of(options.seed(), Purpose.REVIEW, attempt(experience), 0));
        int size = Math.min(Math.max(1, options.recallSize()), order.length);
        for (int from = 0; from + size <= order.length; from += size) {
            int[] slots = Arrays.copyOfRange(order, from, from + size);
            Views views = views(experience, List.of(), new int[0], slots, attempt(experience));
            step(experience, views.values(), views.labels(), REVIEW_RATE);
        }
    }

    /** Number of the next attempt at a step: a skipped step leaves the step count, but is not to be tried again with the same views. */
    private long attempt(Experience experience) {
        return step + experience.skippedSteps;
    }

    private Views views(Experience experience, List<Example> batch, int[] labels, long attempt) {
        int[] recalled = experience.replay.recall(
                options.recallSize(), RandomStream.of(options.seed(), Purpose.RECALL, attempt, 0));
        return views(experience, batch, labels, recalled, attempt);
    }

    private Views views(Experience experience, List<Example> batch, int[] labels, int[] slots, long attempt) {
        List<byte[]> images = new ArrayList<>();
        batch.forEach(example -> images.add(example.pixels()));
        int[] imageLabels = Arrays.copyOf(labels, batch.size() + slots.length);
        for (int slot : slots) {
            imageLabels[images.size()] = experience.replay.label(slot);
            images.add(experience.replay.item(slot).pixels());
        }
        return viewMaker.make(attempt, images, imageLabels);
    }

    /** One optimiser step; its loss, or 0 if it was skipped. */
    private double step(Experience experience, float[] views, int[] labels, double rate) {
        boolean classified = options.classifierWeight() > 0;
        FeatureLoss featureLoss = classified ? classifier.of(labels, experience.labels.size()) : FeatureLoss.NONE;
        float loss = encoder.train(views, labels, featureLoss, rate);
        if (Float.isNaN(loss)) {
            skip(experience, encoder.skippedStep().map(Object::toString).orElse(""));
            return 0;
        }
        if (classified) {
            classifier.update(step, rate);
        }
        experience.skippedInRow = 0;
        step++;
        return loss;
    }

    /** That the steps that have been taken led to an encoder that cannot be used counts as one that was not. */
    void skip(Experience experience, String problem) {
        experience.skippedSteps++;
        experience.skippedInRow++;
        if (experience.skippedInRow > options.maxSkippedInRow()) {
            throw new DivergedException(experience.skippedInRow
                    + " optimiser steps in a row were skipped because a loss, gradient, weight or embedding was not finite"
                    + " (allowed: " + options.maxSkippedInRow() + "), after " + step + " steps taken and "
                    + experience.skippedSteps + " skipped in all, and " + experience.replay.seen() + " images learned"
                    + (problem.isEmpty() ? "" : "; the last had " + problem)
                    + ". Lower the learning rate, or go back to an earlier state");
        }
    }

    /** Ends the threads that make views; the encoder stays open. Idempotent. */
    @Override
    public void close() {
        viewMaker.close();
    }
}
