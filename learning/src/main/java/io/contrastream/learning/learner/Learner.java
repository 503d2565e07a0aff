package io.contrastream.learning.learner;

import io.contrastream.learning.drift.EmbeddingDrift;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.encoder.LabelSets;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.image.Pixels;
import io.contrastream.learning.learner.MiniBatchResult.Embedded;
import io.contrastream.learning.learner.MiniBatchResult.Learned;
import io.contrastream.learning.learner.MiniBatchResult.Prototype;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.prototype.Prototypes;
import io.contrastream.learning.prototype.Prototypes.Nearest;
import io.contrastream.learning.prototype.UnitRows;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import io.contrastream.learning.replay.Reservoir;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Learns an encoder from a stream of images, one mini-batch at a time and each image once: supervised contrastive
 * replay (Mai et al. 2021, arXiv 2103.13885) with prototypes of the classes, and with a classifier beside it for training if the
 * options ask for one.
 *
 * <pre>{@code
 * LearnerOptions options = new LearnerOptions(
 *         0,
 *         10,
 *         new ReplayOptions(2000, 100, Reservoir.CLASS_BALANCED),
 *         new StepOptions(2, 2, 10),
 *         new ReviewOptions(100, false, 0));
 * try (Learner learner = new Learner(options, encoder)) {
 *     for (List<Example> batch : stream) {
 *         MiniBatchResult result = learner.learn(batch);
 *         System.out.printf("step %d, loss %.3f%n", result.encoderVersion(), result.loss());
 *     }
 * }
 * }</pre>
 *
 * <p>An image with several labels is a positive of those that share one, is right where its nearest prototype is of one, counts in the mean of
 * each, and is kept in memory under its first.
 *
 * <p>An image without label takes part in the steps of its mini-batch, where its only positives are its own views, and is embedded. It is not
 * remembered, and no part of accuracy, prototypes or drift.
 *
 * <p>What it does is a pure function of the options, the encoder's state and the mini-batches, in their order: everything random
 * is drawn from (seed, purpose, step, index). Views are made by the engine, or on other threads while the encoder works; nothing of
 * that is left when a method returns, and neither changes the result except for rounding. Not thread-safe.
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
     *     use then, except for its state to be replaced
     */
    public MiniBatchResult learn(List<Example> batch) {
        check(batch);
        LabelSets labels = experience.labels.numbers(batch); // of B images
        int labelled = (int) batch.stream().filter(Example::isLabelled).count();
        SortedSet<Integer> changed = renewPrototypes(); // classes
        StepInput begun = training.begin(experience, batch, labels);
        float[] images = images(batch); // [B, C, H, W]
        float[] embeddings = encoder.embed(images, batch.size()); // [B, D]
        List<Nearest> predictions = predict(embeddings, labels);
        watch(batch, embeddings, labelled);

        long before = training.step();
        int due = training.due(experience);
        float loss = Float.NaN;
        Optional<String> problem = problem(batch, embeddings);
        if (problem.isPresent()) {
            training.leaveOut(experience, problem.get());
        } else {
            loss = training.learn(experience, batch, labels, begun);
        }
        int taken = (int) (training.step() - before);

        embeddings = encoder.embed(images, batch.size());
        Remembered remembered = remember(batch, labels, embeddings, changed);
        boolean reviewed = problem.isEmpty() && reviewIsDue(labelled);
        if (reviewed) {
            training.review(experience);
            embeddings = encoder.embed(images, batch.size());
        }
        if (taken > 0 || reviewed) {
            problem(batch, embeddings).ifPresent(found -> training.skip(experience, found));
        }
        List<Embedded> refreshed = List.of();
        if (reviewed
                || before / options.review().refreshSteps()
                        < training.step() / options.review().refreshSteps()) {
            if (options.review().recalibrated() && recalibrate()) {
                embeddings = encoder.embed(images, batch.size());
            }
            refreshed = refresh(embeddings, remembered.written, changed);
        } else {
            changed.addAll(renewPrototypes());
        }
        return new MiniBatchResult(
                training.step(),
                loss,
                taken,
                due - taken,
                learned(batch, predictions, embeddings),
                remembered.moved,
                refreshed,
                prototypes(changed),
                lost(changed),
                List.copyOf(remembered.changedSlots()));
    }

    /**
     * Forgets an image: it leaves memory, and with it its part in its class's prototype, which is stale from now on. The weights keep
     * what they have learned.
     */
    public Forgotten forget(String id) {
        experience.embeddingDrift.forget(id);
        List<Integer> copies = experience.slotsById.of(id);
        SortedSet<Integer> classes = new TreeSet<>();
        SortedSet<Integer> slots = new TreeSet<>();
        for (int slot : descending(copies)) {
            classes.addAll(experience.labelsOf(slot));
            slots.addAll(takeOut(slot));
        }
        return new Forgotten(copies.size(), lost(classes), List.copyOf(slots));
    }

    /** The image of an id, as memory has it, if it has it. */
    public Optional<Example> remembered(String id) {
        return experience.slotsById.of(id).stream().findFirst().map(experience.replay::item);
    }

    /** Makes stale prototypes anew out of memory, under the encoder as it is; {@link #learn} begins with the same. */
    public List<Prototype> renewed() {
        return prototypes(renewPrototypes());
    }

    /**
     * Goes on from other weights of the same network, as the next version. Memory, counters, classifier, class vectors and optimiser stay as they are; the
     * averages of the weights begin at the new ones, and memory is embedded with them.
     *
     * @param parameters all arrays of the network, in its order and with its names
     * @throws IllegalArgumentException if they are not of the network, or no step has been taken yet
     */
    public Renewed goOnFrom(List<Tensor> parameters) {
        EncoderState now = encoder.state();
        encoder.load(new EncoderState(
                now.fingerprint(),
                now.step() + 1,
                parameters,
                now.optimizerSlots(),
                now.averages().isEmpty() ? List.of() : parameters,
                now.classifier(),
                now.proxies()));
        SortedSet<Integer> changed = new TreeSet<>();
        List<Embedded> refreshed = refresh(new float[0], new TreeMap<>(), changed);
        return new Renewed(refreshed, prototypes(changed));
    }

    /**
     * Memory under other weights.
     *
     * @param refreshed images of memory
     * @param prototypes of all classes in memory
     */
    public record Renewed(List<Embedded> refreshed, List<Prototype> prototypes) {}

    /** Whether a prototype is stale. */
    public boolean hasStalePrototypes() {
        return IntStream.range(0, experience.labels.size()).anyMatch(experience.prototypes::stale);
    }

    /**
     * Outcome of forgetting an image.
     *
     * @param copies of it in memory, which are gone; 0 if it was not there
     * @param lostPrototypes labels, ascending, of classes that have no image in memory any more, and so no prototype
     * @param changedSlots replay slots that were written or, where they are not below memory's size any more, emptied; ascending
     */
    public record Forgotten(int copies, List<String> lostPrototypes, List<Integer> changedSlots) {}

    /** Embeds all of memory with the encoder as it is. Changes nothing. */
    public Survey survey() {
        int[] all = IntStream.range(0, experience.replay.size()).toArray();
        float[][] rows = embed(all); // [D] each
        Prototypes means = new Prototypes(encoder.spec().embeddingSize());
        int[] usable = Arrays.stream(all).filter(slot -> isUnit(rows[slot], 0)).toArray();
        SortedSet<Integer> classes = new TreeSet<>();
        for (int slot : usable) {
            if (!options.replay().heldOut().contains(experience.replay.item(slot))) {
                for (int label : experience.labelsOf(slot)) {
                    means.add(label, rows[slot], 0);
                    classes.add(label);
                }
            }
        }
        List<Embedded> trained = new ArrayList<>();
        List<Embedded> heldOut = new ArrayList<>();
        for (int slot : usable) {
            Example example = experience.replay.item(slot);
            (options.replay().heldOut().contains(example) ? heldOut : trained)
                    .add(embedded(example, rows[slot], means));
        }
        return new Survey(prototypes(classes, means), trained, heldOut);
    }

    /** Figures of the progress so far; costs nothing. */
    public LearnerFigures figures() {
        return experience.figures();
    }

    /** A copy of the progress so far, as large as the means of all classes. */
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
        return new LearnerState(encoder.state(), experience.progress());
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
        return options.review().images() > 0
                && (seen - images) / options.review().images()
                        < seen / options.review().images();
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

    /** Predicts before any label is used: the nearest prototype of every image, null if there is none or the image has no embedding. */
    private List<Nearest> predict(float[] embeddings, LabelSets labels) {
        List<Nearest> predictions = new ArrayList<>();
        for (int i = 0; i < labels.size(); i++) {
            Nearest nearest = isUnit(embeddings, i) ? experience.prototypes.nearest(embeddings, i) : null;
            if (labels.isLabelled(i)) {
                boolean right = nearest != null && labels.has(i, nearest.label());
                experience.accuracy.count(right);
                experience.errorDrift.add(!right, experience.accuracy.predicted());
            }
            predictions.add(nearest);
        }
        return predictions;
    }

    /** Hands images to the detector of drift before they are learned from. */
    private void watch(List<Example> batch, float[] embeddings, int labelled) {
        if (!experience.embeddingDrift.watches()) {
            return;
        }
        long predicted = experience.accuracy.predicted() - labelled;
        for (int i = 0; i < batch.size(); i++) {
            if (!batch.get(i).isLabelled()) {
                continue;
            }
            predicted++;
            String id = batch.get(i).id();
            experience.embeddingDrift.change(id);
            if (isUnit(embeddings, i)) {
                float[] embedding = row(embeddings, i, encoder.spec().embeddingSize());
                experience.embeddingDrift.add(new EmbeddingDrift.Row(id, training.step(), embedding), predicted);
            }
        }
    }

    /** Hands memory as it is embedded now to the detector of drift. */
    private void watchMemory(int[] old, float[][] rows, SortedMap<Integer, Integer> written, float[] embeddings) {
        if (!experience.embeddingDrift.watches()) {
            return;
        }
        SortedMap<Integer, float[]> memory = new TreeMap<>();
        for (int i = 0; i < old.length; i++) {
            memory.put(old[i], rows[i]);
        }
        written.forEach(
                (slot, i) -> memory.put(slot, row(embeddings, i, encoder.spec().embeddingSize())));
        List<EmbeddingDrift.Row> usable = new ArrayList<>();
        memory.forEach((slot, embedding) -> {
            if (isUnit(embedding, 0)) {
                String id = experience.replay.item(slot).id();
                usable.add(new EmbeddingDrift.Row(id, training.step(), embedding));
            }
        });
        experience.embeddingDrift.moved(usable, training.step());
    }

    /** Error in the embeddings of a mini-batch, if there is one. */
    private Optional<String> problem(List<Example> batch, float[] embeddings) {
        int[] wrong = IntStream.range(0, batch.size())
                .filter(i -> !isUnit(embeddings, i))
                .toArray();
        return wrong.length == 0
                ? Optional.empty()
                : Optional.of(wrong.length + " of " + batch.size()
                        + " embeddings that are not of length 1: that of image '"
                        + batch.get(wrong[0]).id() + "' has the length "
                        + UnitRows.length(embeddings, wrong[0], encoder.spec().embeddingSize()));
    }

    private boolean isUnit(float[] embeddings, int row) {
        return UnitRows.isUnit(embeddings, row, encoder.spec().embeddingSize());
    }

    /**
     * Changes of memory by a mini-batch.
     *
     * @param emptied slots that had copies of its images
     * @param written slots, with the position in the mini-batch of what they hold now
     * @param moved images that had other labels
     */
    private record Remembered(SortedSet<Integer> emptied, SortedMap<Integer, Integer> written, int moved) {

        SortedSet<Integer> changedSlots() {
            SortedSet<Integer> slots = new TreeSet<>(emptied);
            slots.addAll(written.keySet());
            return slots;
        }
    }

    /**
     * Offers the new images to memory and moves the running means of the classes whose slots change. An image whose id memory has
     * already takes the place of that one, so that nothing is there twice; the mean of a class that it has left is stale.
     */
    private Remembered remember(List<Example> batch, LabelSets labels, float[] embeddings, SortedSet<Integer> changed) {
        SortedSet<Integer> emptied = takeOutCopies(batch, changed);
        List<Example> before = experience.replay.items();
        SortedMap<Integer, Integer> written = new TreeMap<>();
        SortedMap<Integer, Set<Integer>> left = new TreeMap<>(); // classes that the image of a slot has left
        for (int i = 0; i < labels.size(); i++) {
            if (!labels.isLabelled(i)) {
                continue;
            }
            Example example = batch.get(i);
            List<Integer> known = experience.slotsById.of(example.id());
            int slot;
            if (known.isEmpty()) {
                RandomStream random = RandomStream.of(options.seed(), Purpose.REMEMBER, experience.replay.seen(), 0);
                slot = experience.replay.offer(example, labels.first()[i], random);
            } else {
                slot = known.get(0);
                Set<Integer> had = new TreeSet<>(experience.labelsOf(slot));
                Set<Integer> has = new TreeSet<>(experience.labels.of(example));
                if (!had.equals(has)) {
                    had.removeAll(has);
                    left.computeIfAbsent(slot, first -> new TreeSet<>()).addAll(had);
                }
                experience.replay.replace(slot, example, labels.first()[i]);
            }
            if (slot != Reservoir.NONE) {
                experience.slotsById.put(slot, example.id());
                written.put(slot, i);
            }
        }
        for (int slot : written.keySet()) {
            if (slot < before.size()) {
                for (int label : experience.labels.of(before.get(slot))) {
                    if (left.getOrDefault(slot, Set.of()).contains(label)) {
                        experience.prototypes.forget(label);
                    } else {
                        experience.prototypes.remove(label);
                    }
                    changed.add(label);
                }
            }
        }
        for (int i : written.values()) {
            for (int label : labels.of(i)) {
                experience.prototypes.add(label, embeddings, i);
                changed.add(label);
            }
        }
        return new Remembered(emptied, written, left.size());
    }

    /** Takes out all but the first of several copies of an image, as there may be in an old memory. */
    private SortedSet<Integer> takeOutCopies(List<Example> batch, SortedSet<Integer> changed) {
        SortedSet<Integer> emptied = new TreeSet<>();
        for (Example example : batch.stream().filter(Example::isLabelled).toList()) {
            List<Integer> copies = experience.slotsById.of(example.id());
            for (int slot : descending(copies.subList(Math.min(1, copies.size()), copies.size()))) {
                changed.addAll(experience.labelsOf(slot));
                emptied.addAll(takeOut(slot));
            }
        }
        return emptied;
    }

    /** Takes an image out of memory; the slots that have changed. */
    private List<Integer> takeOut(int slot) {
        experience.labelsOf(slot).forEach(experience.prototypes::forget);
        experience.replay.remove(slot);
        experience.slotsById.remove(slot);
        return List.of(slot, experience.replay.size());
    }

    /** So that a slot stays what it is while those above it are emptied. */
    private static List<Integer> descending(List<Integer> slots) {
        return slots.stream().sorted(Comparator.reverseOrder()).toList();
    }

    private List<String> lost(SortedSet<Integer> classes) {
        return classes.stream()
                .filter(label -> experience.prototypes.support(label) == 0)
                .map(experience.labels::label)
                .sorted()
                .toList();
    }

    /** Makes stale means anew, each out of the embeddings of all images of its class in memory; the classes that were. */
    private NavigableSet<Integer> renewPrototypes() {
        NavigableSet<Integer> stale = new TreeSet<>();
        IntStream.range(0, experience.labels.size())
                .filter(experience.prototypes::stale)
                .forEach(stale::add);
        if (!stale.isEmpty()) {
            int[] slots = IntStream.range(0, experience.replay.size())
                    .filter(slot -> experience.labelsOf(slot).stream().anyMatch(stale::contains))
                    .toArray();
            stale.forEach(experience.prototypes::clear);
            addToPrototypes(slots, embed(slots), stale::contains);
        }
        return stale;
    }

    /** Has the encoder take the statistics that it embeds with from the images of memory; whether there were any. */
    private boolean recalibrate() {
        List<Example> memory = IntStream.range(0, experience.replay.size())
                .mapToObj(experience.replay::item)
                .toList();
        if (!memory.isEmpty()) {
            encoder.recalibrate(images(memory), memory.size());
        }
        return !memory.isEmpty();
    }

    /** Encodes memory anew and makes the means exact; what was just written has its embedding already. */
    private List<Embedded> refresh(
            float[] embeddings, SortedMap<Integer, Integer> written, SortedSet<Integer> changed) {
        int[] old = IntStream.range(0, experience.replay.size())
                .filter(slot -> !written.containsKey(slot))
                .toArray();
        float[][] rows = embed(old); // [D] each
        watchMemory(old, rows, written, embeddings);
        experience.prototypes.clear();
        addToPrototypes(old, rows, label -> true);
        written.forEach((slot, i) ->
                experience.labelsOf(slot).forEach(label -> experience.prototypes.add(label, embeddings, i)));
        for (int slot = 0; slot < experience.replay.size(); slot++) {
            changed.addAll(experience.labelsOf(slot));
        }
        return IntStream.range(0, old.length)
                .filter(i -> isUnit(rows[i], 0))
                .mapToObj(i -> embedded(experience.replay.item(old[i]), rows[i]))
                .toList();
    }

    /** Embeds images of memory, [D] each. */
    private float[][] embed(int[] slots) {
        float[][] rows = new float[slots.length][];
        int chunk = Math.max(1, EMBEDDED_VALUES / encoder.spec().input().size());
        for (int start = 0; start < slots.length; start += chunk) {
            List<Example> examples = Arrays.stream(slots, start, Math.min(slots.length, start + chunk))
                    .mapToObj(experience.replay::item)
                    .toList();
            float[] chunkRows = encoder.embed(images(examples), examples.size()); // [chunk, D]
            for (int i = 0; i < examples.size(); i++) {
                rows[start + i] = row(chunkRows, i, encoder.spec().embeddingSize());
            }
        }
        return rows;
    }

    /** Adds images of memory to cleared means of some classes: those without an embedding last, since they would leave a mean stale. */
    private void addToPrototypes(int[] slots, float[][] rows, IntPredicate wanted) {
        for (boolean unit : new boolean[] {true, false}) {
            for (int i = 0; i < slots.length; i++) {
                if (isUnit(rows[i], 0) == unit) {
                    for (int label : experience.labelsOf(slots[i])) {
                        if (wanted.test(label)) {
                            experience.prototypes.add(label, rows[i], 0);
                        }
                    }
                }
            }
        }
    }

    private Embedded embedded(Example example, float[] embedding) {
        return embedded(example, embedding, experience.prototypes);
    }

    private Embedded embedded(Example example, float[] embedding, Prototypes prototypes) {
        Nearest nearest = prototypes.nearest(embedding, 0);
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
                    isUnit(embeddings, i) ? row(embeddings, i, dimensions) : null));
        }
        return learned;
    }

    private List<Prototype> prototypes(SortedSet<Integer> changed) {
        return prototypes(changed, experience.prototypes);
    }

    private List<Prototype> prototypes(SortedSet<Integer> classes, Prototypes means) {
        List<Prototype> prototypes = new ArrayList<>();
        for (int label : classes) {
            float[] vector = means.vector(label);
            if (vector != null) {
                prototypes.add(new Prototype(
                        experience.labels.label(label), vector, means.support(label), means.dispersion(label)));
            }
        }
        prototypes.sort(Comparator.comparing(Prototype::label));
        return prototypes;
    }

    private static float[] row(float[] rows, int row, int size) {
        return Arrays.copyOfRange(rows, row * size, (row + 1) * size);
    }
}
