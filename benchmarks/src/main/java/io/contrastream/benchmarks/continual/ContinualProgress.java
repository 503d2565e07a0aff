package io.contrastream.benchmarks.continual;

import io.contrastream.learning.learner.EmbeddingShift;
import io.contrastream.learning.learner.MiniBatchResult;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** How far a run is and what has been measured of it: all that it must know to go on, but for the learner. Not thread-safe. */
final class ContinualProgress {

    private final List<Part> parts;
    private final Prequential prequential;
    private int miniBatches;
    private int images;
    private long nanos;
    private double lossSum;
    private int losses;
    private float[] probes;

    ContinualProgress() {
        this(new Snapshot(List.of(), List.of(), List.of(), 0, 0, 0, 0, 0, new float[0]));
    }

    /** Goes on where a snapshot was taken. */
    ContinualProgress(Snapshot snapshot) {
        parts = new ArrayList<>(snapshot.parts);
        prequential = new Prequential(snapshot.labels, snapshot.right);
        miniBatches = snapshot.miniBatches;
        images = snapshot.images;
        nanos = snapshot.nanos;
        lossSum = snapshot.lossSum;
        losses = snapshot.losses;
        probes = snapshot.probes;
    }

    /**
     * Stages that have been learned and tested.
     *
     * @param images that were learned from
     * @param nanos that this took, without reading images and without the test
     * @param loss mean of its mini-batches; null if no optimiser step was taken
     * @param right test images that were classified rightly then, of every class so far, in their order
     * @param shift of the embedding space since the test before; null at the first one
     */
    record Part(int images, long nanos, Double loss, List<Integer> right, EmbeddingShift shift) {}

    /** Everything, to be stored; what belongs to the part in progress is after {@code right}. */
    record Snapshot(
            List<Part> parts,
            List<Integer> labels,
            List<Boolean> right,
            int miniBatches,
            int images,
            long nanos,
            double lossSum,
            int losses,
            float[] probes) {}

    Snapshot snapshot() {
        return new Snapshot(
                List.copyOf(parts),
                prequential.labels(),
                prequential.right(),
                miniBatches,
                images,
                nanos,
                lossSum,
                losses,
                probes);
    }

    /** Parts that have been tested, in their order. */
    List<Part> parts() {
        return List.copyOf(parts);
    }

    Prequential prequential() {
        return prequential;
    }

    /** Mini-batches of the part in progress. */
    int miniBatches() {
        return miniBatches;
    }

    /** Images of the part in progress. */
    int images() {
        return images;
    }

    /** Mean loss of the mini-batches of the part in progress. */
    OptionalDouble loss() {
        return losses == 0 ? OptionalDouble.empty() : OptionalDouble.of(lossSum / losses);
    }

    /** Embeddings of some test images at the last test, [N, D]. */
    float[] probes() {
        return probes;
    }

    /** @param order all classes; the number of one is its position */
    void learned(MiniBatchResult result, List<String> order, long nanosTaken) {
        result.learned()
                .forEach(learned -> prequential.add(
                        order.indexOf(learned.example().label()),
                        learned.example().label().equals(learned.predictedLabel())));
        miniBatches++;
        images += result.learned().size();
        nanos += nanosTaken;
        if (!Float.isNaN(result.loss())) {
            lossSum += result.loss();
            losses++;
        }
    }

    /** Ends the part in progress; {@code newProbes} are for the test to come. */
    void tested(List<Integer> right, EmbeddingShift shift, float[] newProbes) {
        Double loss = loss().isPresent() ? (Double) loss().getAsDouble() : null;
        parts.add(new Part(images, nanos, loss, List.copyOf(right), shift));
        probes = newProbes;
        miniBatches = 0;
        images = 0;
        nanos = 0;
        lossSum = 0;
        losses = 0;
    }
}
