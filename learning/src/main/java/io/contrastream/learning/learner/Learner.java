package io.contrastream.learning.learner;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.image.Pixels;
import io.contrastream.learning.learner.MiniBatchResult.Embedded;
import io.contrastream.learning.learner.MiniBatchResult.Learned;
import io.contrastream.learning.learner.MiniBatchResult.Prototype;
import io.contrastream.learning.learner.ViewMaker.Views;
import io.contrastream.learning.prototype.Prototypes.Nearest;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import io.contrastream.learning.replay.Reservoir;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Learns an encoder from a stream of labelled images, one mini-batch at a time and each image once: supervised contrastive
 * replay (Mai et al. 2021, arXiv 2103.13885) with prototypes of the classes, and with a classifier beside it for training if the
 * options ask for one.
 *
 * <p>What it does is a pure function of the options, the encoder's state and the mini-batches, in their order: everything random
 * is drawn from (seed, purpose, step, index). Views are made on other threads while the encoder works; nothing of that is left
 * when a method returns, and the number of threads does not change the result. Not thread-safe.
 */
public final class Learner implements AutoCloseable {

    /** Most values that are handed to the encoder at a time when memory is re-encoded: 16 MiB of floats. */
    private static final int EMBEDDED_VALUES = 1 << 22;

    private final LearnerOptions options;
    private final Encoder encoder;
    private final Training training;
    private Experience experience;

    /** A learner at its start, to be closed after use. The encoder stays the caller's to close. */
    public Learner(LearnerOptions options, Encoder encoder) {
        this.options = options;
        this.encoder = encoder;
        training = new Training(options, encoder);
        experience = Experience.none(options, encoder.spec().embeddingSize());
    }

    /**
     * Learns from one mini-batch: predict, recall, augment, step, remember, review, prototypes.
     *
     * @param batch 1 to {@code options.batchSize()} examples
     * @throws IllegalArgumentException if there are fewer or more, or an image is not of the encoder's input shape; nothing has
     *     been learned then
     * @throws DivergedException if more than {@code maxSkippedInRow} optimiser steps in a row were skipped; the learner is of no
     *     use then, but for its state to be replaced
     */
    public MiniBatchResult learn(List<Example> batch) {
        check(batch);
        int[] labels = batch.stream()
                .mapToInt(example -> experience.labels.number(example.label()))
                .toArray();
        Views views = training.begin(experience, batch, labels);
        float[] images = images(batch); // [B, C, H, W]
        List<Nearest> predictions = predict(images, labels);

        long before = training.step();
        float loss = training.learn(experience, batch, labels, views);
        int taken = (int) (training.step() - before);

        float[] embeddings = encoder.embed(images, batch.size()); // [B, D]
        SortedSet<Integer> changed = new TreeSet<>(); // classes
        SortedMap<Integer, Integer> written = remember(batch, labels, embeddings, changed);
        boolean reviewed = reviewIsDue(batch.size());
        if (reviewed) {
            training.review(experience);
            embeddings = encoder.embed(images, batch.size());
        }
        List<Embedded> refreshed =
                reviewed || before / options.refreshSteps() < training.step() / options.refreshSteps()
                        ? refresh(embeddings, written, changed)
                        : List.of();
        return new MiniBatchResult(
                training.step(),
                loss,
                options.stepsPerBatch() - taken,
                learned(batch, predictions, embeddings),
                refreshed,
                prototypes(changed),
                changed.stream()
                        .filter(label -> experience.replay.stored(label) == 0)
                        .map(experience.labels::label)
                        .sorted()
                        .toList(),
                List.copyOf(written.keySet()));
    }

    /** Progress so far; cheap. */
    public LearnerProgress progress() {
        return experience.progress();
    }

    /** Images in replay memory. */
    public int replaySize() {
        return experience.replay.size();
    }

    /** The example in the replay slot. */
    public Example replaySlot(int slot) {
        return experience.replay.item(slot);
    }

    /** A copy of everything but the replay slots. */
    public LearnerState state() {
        return new LearnerState(encoder.state(), experience.progress(), training.classifier());
    }

    /**
     * Checks whether a state fits, as far as that can be told without its replay slots.
     *
     * @throws IllegalArgumentException naming what differs, if it does not fit the encoder or the options
     */
    public void requireFit(LearnerState state) {
        Fit.check(options, encoder.spec(), state);
    }

    /**
     * Takes over a state with its replay slots. The network, the optimiser's kind and the kind of reservoir must be those of the
     * state, and memory no smaller; every other option may have changed.
     *
     * @throws IllegalArgumentException naming what differs, if it does not fit the encoder or the options, or a slot is missing
     */
    public void restore(LearnerState state, Map<Integer, Example> slots) {
        Fit.check(options, encoder.spec(), state);
        Fit.checkSlots(state.progress(), encoder.spec(), slots);
        encoder.load(state.encoder());
        training.restore(state.encoder().step(), state.classifier());
        experience = Experience.restored(options, encoder.spec().embeddingSize(), state.progress(), slots);
    }

    /** Ends the threads that make views; the encoder stays open. Idempotent. */
    @Override
    public void close() {
        training.close();
    }

    /** Whether the mini-batch that has just been remembered is the one after which memory is reviewed. */
    private boolean reviewIsDue(int images) {
        long seen = experience.replay.seen();
        return options.reviewImages() > 0 && (seen - images) / options.reviewImages() < seen / options.reviewImages();
    }

    private void check(List<Example> batch) {
        if (batch.isEmpty() || batch.size() > options.batchSize()) {
            throw new IllegalArgumentException(
                    "a mini-batch must have 1 to " + options.batchSize() + " examples, but has " + batch.size());
        }
        for (Example example : batch) {
            if (example.pixels().length != encoder.spec().input().size()) {
                throw new IllegalArgumentException("image '" + example.id() + "' must have "
                        + encoder.spec().input().size() + " pixel values for an input of "
                        + encoder.spec().input() + ", but has " + example.pixels().length);
            }
        }
    }

    private float[] images(List<Example> examples) {
        int size = encoder.spec().input().size();
        float[] images = new float[examples.size() * size];
        for (int i = 0; i < examples.size(); i++) {
            Pixels.toUnit(examples.get(i).pixels(), images, i * size);
        }
        return images;
    }

    /** Predicts before any label is used: the nearest prototype of every image, null while there is none. */
    private List<Nearest> predict(float[] images, int[] labels) {
        List<Nearest> predictions = new ArrayList<>();
        float[] embeddings = experience.prototypes.isEmpty() ? null : encoder.embed(images, labels.length); // [B, D]
        for (int i = 0; i < labels.length; i++) {
            Nearest nearest = embeddings == null ? null : experience.prototypes.nearest(embeddings, i);
            experience.accuracy.count(nearest != null && nearest.label() == labels[i]);
            predictions.add(nearest);
        }
        return predictions;
    }

    /**
     * Offers the new images to memory and moves the running means of the classes whose slots change.
     *
     * @return the slots that were written, with the position in the mini-batch of what they hold now
     */
    private SortedMap<Integer, Integer> remember(
            List<Example> batch, int[] labels, float[] embeddings, SortedSet<Integer> changed) {
        int[] before = experience.replay.slotLabels();
        SortedMap<Integer, Integer> written = new TreeMap<>();
        for (int i = 0; i < labels.length; i++) {
            RandomStream random = RandomStream.of(options.seed(), Purpose.REMEMBER, experience.replay.seen(), 0);
            int slot = experience.replay.offer(batch.get(i), labels[i], random);
            if (slot != Reservoir.NONE) {
                written.put(slot, i);
            }
        }
        for (int slot : written.keySet()) {
            if (slot < before.length) {
                experience.prototypes.remove(before[slot]);
                changed.add(before[slot]);
            }
        }
        for (int i : written.values()) {
            experience.prototypes.add(labels[i], embeddings, i);
            changed.add(labels[i]);
        }
        return written;
    }

    /** Encodes memory anew and makes the means exact; what was just written has its embedding already. */
    private List<Embedded> refresh(
            float[] embeddings, SortedMap<Integer, Integer> written, SortedSet<Integer> changed) {
        int dimensions = encoder.spec().embeddingSize();
        int[] old = IntStream.range(0, experience.replay.size())
                .filter(slot -> !written.containsKey(slot))
                .toArray();
        float[][] rows = new float[old.length][]; // [D] each
        experience.prototypes.clear();
        int chunk = Math.max(1, EMBEDDED_VALUES / encoder.spec().input().size());
        for (int start = 0; start < old.length; start += chunk) {
            int[] slots = Arrays.copyOfRange(old, start, Math.min(old.length, start + chunk));
            List<Example> examples =
                    Arrays.stream(slots).mapToObj(experience.replay::item).toList();
            float[] chunkRows = encoder.embed(images(examples), slots.length); // [chunk, D]
            for (int i = 0; i < slots.length; i++) {
                experience.prototypes.add(experience.replay.label(slots[i]), chunkRows, i);
                rows[start + i] = row(chunkRows, i, dimensions);
            }
        }
        written.forEach((slot, i) -> experience.prototypes.add(experience.replay.label(slot), embeddings, i));
        for (int slot = 0; slot < experience.replay.size(); slot++) {
            changed.add(experience.replay.label(slot));
        }
        return IntStream.range(0, old.length)
                .mapToObj(i -> embedded(experience.replay.item(old[i]), rows[i]))
                .toList();
    }

    private Embedded embedded(Example example, float[] embedding) {
        Nearest nearest = experience.prototypes.nearest(embedding, 0);
        return nearest == null
                ? new Embedded(example, null, Float.NaN, embedding)
                : new Embedded(example, experience.labels.label(nearest.label()), nearest.similarity(), embedding);
    }

    private List<Learned> learned(List<Example> batch, List<Nearest> predictions, float[] embeddings) {
        int dimensions = encoder.spec().embeddingSize();
        List<Learned> learned = new ArrayList<>(batch.size());
        for (int i = 0; i < batch.size(); i++) {
            Nearest nearest = predictions.get(i);
            learned.add(new Learned(
                    batch.get(i),
                    nearest == null ? null : experience.labels.label(nearest.label()),
                    nearest == null ? Float.NaN : nearest.similarity(),
                    row(embeddings, i, dimensions)));
        }
        return learned;
    }

    private List<Prototype> prototypes(SortedSet<Integer> changed) {
        List<Prototype> prototypes = new ArrayList<>();
        for (int label : changed) {
            float[] vector = experience.prototypes.vector(label);
            if (vector != null) {
                prototypes.add(new Prototype(
                        experience.labels.label(label),
                        vector,
                        experience.prototypes.support(label),
                        experience.prototypes.dispersion(label)));
            }
        }
        prototypes.sort(Comparator.comparing(Prototype::label));
        return prototypes;
    }

    private static float[] row(float[] rows, int row, int size) {
        return Arrays.copyOfRange(rows, row * size, (row + 1) * size);
    }
}
