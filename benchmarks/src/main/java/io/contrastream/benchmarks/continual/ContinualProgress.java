package io.contrastream.benchmarks.continual;

import io.contrastream.learning.learner.EmbeddingShift;
import io.contrastream.learning.learner.MiniBatchResult;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/** How far a run is and what has been measured of it: all that it must know to go on, except for the learner. Not thread-safe. */
final class ContinualProgress {

    private final List<Part> parts;
    private final Prequential prequential;
    private int miniBatches;
    private int images;
    private long nanos;
    private long cpuNanos;
    private double lossSum;
    private int losses;
    private float[] probes;
    private List<List<Integer>> confusion;
    private List<Integer> beginnings;

    ContinualProgress() {
        this(new Snapshot(List.of(), List.of(), List.of(), 0, 0, 0, 0, 0, 0, new float[0], List.of(), List.of()));
    }

    /** Goes on where a snapshot was taken. */
    ContinualProgress(Snapshot snapshot) {
        parts = new ArrayList<>(snapshot.parts);
        prequential = new Prequential(snapshot.labels, snapshot.right);
        miniBatches = snapshot.miniBatches;
        images = snapshot.images;
        nanos = snapshot.nanos;
        cpuNanos = snapshot.cpuNanos;
        lossSum = snapshot.lossSum;
        losses = snapshot.losses;
        probes = snapshot.probes;
        confusion = snapshot.confusion;
        beginnings = snapshot.beginnings;
    }

    /**
     * Stages that have been learned and tested.
     *
     * @param images that were learned from
     * @param nanos that this took, without reading images and without the test
     * @param cpuNanos of processors' time that this took; 0 if unknown
     * @param loss mean of its mini-batches; null if no optimiser step was taken
     * @param right test images that were classified rightly then, of every class so far, in their order
     * @param nearly test images of all classes so far whose class was among the nearest few then
     * @param next test images of the part to come that were told from one another rightly then: see {@link Transfer}; 0 at the last
     * @param shift of the embedding space since the test before; null at the first one
     */
    record Part(
            int images,
            long nanos,
            long cpuNanos,
            Double loss,
            List<Integer> right,
            int nearly,
            int next,
            EmbeddingShift shift) {}

    /**
     * Outcome of a test.
     *
     * @param said [C][all classes]: of the test images of every class so far, how many were said to be of each class
     */
    record Tested(List<List<Integer>> said, int nearly, int next, EmbeddingShift shift) {}

    /** Everything, to be stored; what belongs to the part in progress is after {@code right}. */
    record Snapshot(
            List<Part> parts,
            List<Integer> labels,
            List<Boolean> right,
            int miniBatches,
            int images,
            long nanos,
            long cpuNanos,
            double lossSum,
            int losses,
            float[] probes,
            List<List<Integer>> confusion,
            List<Integer> beginnings) {}

    Snapshot snapshot() {
        return new Snapshot(
                List.copyOf(parts),
                prequential.labels(),
                prequential.right(),
                miniBatches,
                images,
                nanos,
                cpuNanos,
                lossSum,
                losses,
                probes,
                confusion,
                beginnings);
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

    /** At the last test, of the test images of every class so far, how many were said to be of each class of the stream. */
    List<List<Integer>> confusion() {
        return confusion;
    }

    /** Of every part but the first, what {@link Transfer} counted with the weights at the start; empty until it has. */
    List<Integer> beginnings() {
        return beginnings;
    }

    /** Notes what {@link Transfer} counted with the weights at the start. */
    void began(List<Integer> counts) {
        beginnings = List.copyOf(counts);
    }

    /**
     * Counts a mini-batch.
     *
     * @param order all classes; the number of one is its position
     * @param first whether its images come for the first time, and so count as predicted before they were learned
     */
    void learned(MiniBatchResult result, List<String> order, boolean first, long nanosTaken, long cpuNanosTaken) {
        if (first) {
            result.learned()
                    .forEach(learned -> prequential.add(
                            order.indexOf(learned.example().label()),
                            learned.example().label().equals(learned.predictedLabel())));
        }
        miniBatches++;
        images += result.learned().size();
        nanos += nanosTaken;
        cpuNanos += cpuNanosTaken;
        if (!Float.isNaN(result.loss())) {
            lossSum += result.loss();
            losses++;
        }
    }

    /** Ends the part in progress; {@code newProbes} are for the test to come. */
    void tested(Tested test, float[] newProbes) {
        Double loss = loss().isPresent() ? (Double) loss().getAsDouble() : null;
        List<Integer> right = IntStream.range(0, test.said().size())
                .mapToObj(label -> test.said().get(label).get(label))
                .toList();
        parts.add(new Part(images, nanos, cpuNanos, loss, right, test.nearly(), test.next(), test.shift()));
        probes = newProbes;
        confusion = test.said();
        miniBatches = 0;
        images = 0;
        nanos = 0;
        cpuNanos = 0;
        lossSum = 0;
        losses = 0;
    }
}
