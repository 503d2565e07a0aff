package io.contrastream.learning.learner;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.LabelSets;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.StepRate;
import io.contrastream.learning.encoder.StepResult;
import io.contrastream.learning.objective.Objective;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Takes optimiser steps on what is new and what is recalled. */
final class Training implements AutoCloseable {

    /** Factor on the learning rate of a review: that of the authors of supervised contrastive replay. */
    private static final StepRate REVIEW_RATE = new StepRate(0.1);

    private final LearnerOptions options;
    private final Encoder encoder;
    private final ViewMaker viewMaker;
    private final Objective objective;

    Training(LearnerOptions options, Encoder encoder) {
        this.options = options;
        this.encoder = encoder;
        viewMaker = new ViewMaker(options, encoder.spec().input(), !encoder.makesViews());
        objective = options.loss().objective(encoder.training(), options.seed());
    }

    /** Optimiser steps taken since the model's start. */
    long step() {
        return encoder.step();
    }

    /**
     * Begins to make the views of a mini-batch's first step, which has its own recall as every step.
     *
     * @return null if there is nothing to train on, because all there is is held out
     */
    StepInput begin(Experience experience, List<Example> batch, LabelSets labels) {
        return input(experience, batch, labels, attempt(experience));
    }

    /** Steps of the next mini-batch, whether they can be taken or not. */
    int due(Experience experience) {
        return options.stepsAfter(experience.replay.seen());
    }

    /**
     * Takes the steps of a mini-batch.
     *
     * @param begun of this mini-batch; null if there is nothing to train on
     * @return mean loss of those taken; NaN if there are none
     */
    float learn(Experience experience, List<Example> batch, LabelSets labels, StepInput begun) {
        StepInput input = begun;
        long before = step();
        double lossSum = 0;
        for (int left = begun == null ? 0 : due(experience); left > 0; left--) {
            StepInput taken = input;
            if (left > 1) {
                input = input(experience, batch, labels, attempt(experience) + 1);
            }
            lossSum += step(experience, taken, StepRate.FULL);
        }
        return step() == before ? Float.NaN : (float) (lossSum / (step() - before));
    }

    /**
     * Takes none of the steps of a mini-batch, which counts as if none had been possible.
     *
     * @param problem what is wrong, to be told where it goes on for too long
     * @throws DivergedException as {@link #learn}
     */
    void leaveOut(Experience experience, String problem) {
        for (int left = due(experience); left > 0; left--) {
            skip(experience, problem);
        }
    }

    /**
     * Learns memory once more at a tenth of the learning rate, in random order and in steps of the recall's size; what is left over
     * is left out (Mai et al. 2021, section 4: the review trick).
     */
    void review(Experience experience) {
        int[] order = experience.replay.recall(
                experience.replay.size(),
                RandomStream.of(options.seed(), Purpose.REVIEW, attempt(experience), 0),
                example -> !options.replay().heldOut().contains(example));
        int size = Math.max(1, Math.min(options.replay().recallSize(), order.length));
        for (int from = 0; from + size <= order.length; from += size) {
            int[] slots = Arrays.copyOfRange(order, from, from + size);
            step(
                    experience,
                    input(experience, List.of(), LabelSets.single(new int[0]), slots, attempt(experience)),
                    REVIEW_RATE);
        }
    }

    /** Number of the next attempt at a step: a skipped step leaves the step count, but is not to be tried again with the same views. */
    private long attempt(Experience experience) {
        return step() + experience.skippedSteps;
    }

    private StepInput input(Experience experience, List<Example> batch, LabelSets labels, long attempt) {
        int[] recalled = experience.replay.recall(
                options.replay().recallSize(),
                RandomStream.of(options.seed(), Purpose.RECALL, attempt, 0),
                example -> !options.replay().heldOut().contains(example));
        return input(experience, batch, labels, recalled, attempt);
    }

    private StepInput input(Experience experience, List<Example> batch, LabelSets labels, int[] slots, long attempt) {
        int[] trained = IntStream.range(0, batch.size())
                .filter(i -> !options.replay().heldOut().contains(batch.get(i)))
                .toArray();
        List<Example> examples = new ArrayList<>();
        for (int i : trained) {
            examples.add(batch.get(i));
        }
        for (int slot : slots) {
            examples.add(experience.replay.item(slot));
        }
        LabelSets recalled = experience.labels.numbers(examples.subList(trained.length, examples.size()));
        return examples.isEmpty()
                ? null
                : viewMaker.make(
                        attempt,
                        examples.stream().map(Example::pixels).toList(),
                        labels.at(trained).and(recalled),
                        trained.length);
    }

    /** One optimiser step; its loss, or 0 if it was skipped. */
    private double step(Experience experience, StepInput input, StepRate rate) {
        StepResult result = encoder.train(input, objective, rate);
        if (!result.taken()) {
            skip(
                    experience,
                    encoder.diagnostics().skippedStep().map(Object::toString).orElse(""));
            return 0;
        }
        experience.skippedInRow = 0;
        return result.loss();
    }

    /** That the steps that have been taken led to an encoder that cannot be used counts as one that was not. */
    void skip(Experience experience, String problem) {
        experience.skippedSteps++;
        experience.skippedInRow++;
        if (experience.skippedInRow > options.steps().maxSkippedInRow()) {
            throw new DivergedException(experience.skippedInRow
                    + " optimiser steps in a row were skipped because a loss, gradient, weight or embedding was not finite"
                    + " (allowed: " + options.steps().maxSkippedInRow() + "), after " + step() + " steps taken and "
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
