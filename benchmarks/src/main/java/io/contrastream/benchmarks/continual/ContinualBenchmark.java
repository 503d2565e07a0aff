package io.contrastream.benchmarks.continual;

import io.contrastream.benchmarks.encoder.Machine;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.learner.EmbeddingShift;
import io.contrastream.learning.learner.Example;
import io.contrastream.learning.learner.Learner;
import io.contrastream.learning.learner.MiniBatchResult;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Class-incremental learning: the learner takes the images of stage after stage and is not told of stages. After each part,
 * {@link MemoryClassifier} classifies the test images of all classes seen so far.
 *
 * @param batchSize images of a full mini-batch, as the learner has it; the last of a stage may have fewer
 * @param passes times that the images of a stage are learned; 1 for one pass over the stream
 */
record ContinualBenchmark(ClassStages stages, int batchSize, int passes) {

    /** Nearest classes among which a class must be to count as nearly right. */
    static final int NEARLY = 5;

    /** Most test images by which the movement of the embedding space is measured: their neighbours cost its square. */
    private static final int MOST_PROBES = 1000;

    /** A mini-batch, and whether its images come for the first time. */
    private record MiniBatch(List<Example> images, boolean first) {}

    /** Is told how a run goes. */
    interface Watcher {

        /** A mini-batch has been learned. */
        void learned();

        /** A part has been tested. */
        void tested();
    }

    /**
     * Learns and tests all that is left.
     *
     * @param progress where to go on, and what will have been measured then; the learner has come as far
     * @throws io.contrastream.datasets.ImageSourceException if an image cannot be read
     */
    void run(Learner learner, Encoder encoder, ContinualProgress progress, Watcher watcher) {
        Transfer transfer = new Transfer(stages, encoder);
        if (progress.parts().isEmpty() && progress.miniBatches() == 0) {
            progress.began(IntStream.range(1, stages.parts())
                    .map(transfer::right)
                    .boxed()
                    .toList());
        }
        Map<String, List<Example>> tests = new LinkedHashMap<>();
        for (int part = 0; part < progress.parts().size(); part++) {
            stages.ofPart(part).forEach(label -> tests.put(label, stages.test(label)));
        }
        while (progress.parts().size() < stages.parts()) {
            int part = progress.parts().size();
            learn(learner, part, progress, watcher);
            int tested = tests.values().stream().mapToInt(List::size).sum();
            stages.ofPart(part).forEach(label -> tests.put(label, stages.test(label)));
            test(
                    new MemoryClassifier(learner, encoder),
                    tests,
                    tested,
                    part + 1 < stages.parts() ? transfer.right(part + 1) : 0,
                    encoder.spec().embeddingSize(),
                    progress);
            watcher.tested();
        }
    }

    private void learn(Learner learner, int part, ContinualProgress progress, Watcher watcher) {
        List<String> order = stages.order();
        List<MiniBatch> miniBatches = new ArrayList<>();
        stages.stages(part).forEach(stage -> {
            for (int pass = 0; pass < passes; pass++) {
                List<Example> images = stages.train(stage, pass);
                for (int first = 0; first < images.size(); first += batchSize) {
                    miniBatches.add(new MiniBatch(
                            images.subList(first, Math.min(images.size(), first + batchSize)), pass == 0));
                }
            }
        });
        while (progress.miniBatches() < miniBatches.size()) {
            MiniBatch miniBatch = miniBatches.get(progress.miniBatches());
            long before = System.nanoTime();
            long cpuBefore = Machine.cpuNanos();
            MiniBatchResult result = learner.learn(miniBatch.images);
            progress.learned(
                    result, order, miniBatch.first, System.nanoTime() - before, Machine.cpuNanos() - cpuBefore);
            watcher.learned();
        }
    }

    /**
     * @param tested how many of the images, the first ones, were there at the last test
     * @param next what {@link Transfer} counts of the part to come
     */
    private void test(
            MemoryClassifier classifier,
            Map<String, List<Example>> tests,
            int tested,
            int next,
            int dimensions,
            ContinualProgress progress) {
        List<String> order = stages.order();
        List<List<Integer>> said = new ArrayList<>();
        List<float[]> embeddings = new ArrayList<>(); // of every image, [D]
        int nearly = 0;
        for (Map.Entry<String, List<Example>> images : tests.entrySet()) {
            float[] rows = classifier.embed(images.getValue()); // [images, D]
            List<Integer> counts = new ArrayList<>(Collections.nCopies(order.size(), 0));
            for (Optional<String> label : classifier.said(rows)) {
                label.map(order::indexOf).ifPresent(number -> counts.set(number, counts.get(number) + 1));
            }
            said.add(List.copyOf(counts));
            nearly += classifier.amongNearest(NEARLY, images.getKey(), rows);
            for (int i = 0; i < images.getValue().size(); i++) {
                float[] row = new float[dimensions];
                System.arraycopy(rows, i * dimensions, row, 0, dimensions);
                embeddings.add(row);
            }
        }
        EmbeddingShift shift = tested < 2
                ? null
                : EmbeddingShift.between(
                        progress.probes(), probes(embeddings.subList(0, tested), dimensions), dimensions);
        progress.tested(
                new ContinualProgress.Tested(List.copyOf(said), nearly, next, shift), probes(embeddings, dimensions));
    }

    /** Some of them, evenly spread: [P, D]. */
    private static float[] probes(List<float[]> embeddings, int dimensions) {
        int count = Math.min(MOST_PROBES, embeddings.size());
        float[] probes = new float[count * dimensions];
        for (int i = 0; i < count; i++) {
            int position = (int) ((long) i * embeddings.size() / count);
            System.arraycopy(embeddings.get(position), 0, probes, i * dimensions, dimensions);
        }
        return probes;
    }
}
