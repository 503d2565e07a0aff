package io.contrastream.benchmarks.continual;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.learner.EmbeddingShift;
import io.contrastream.learning.learner.Example;
import io.contrastream.learning.learner.Learner;
import io.contrastream.learning.learner.MiniBatchResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Class-incremental learning in one pass: the learner takes the images of stage after stage, each once, and is not told of
 * stages. After each part, {@link MemoryClassifier} classifies the test images of all classes seen so far.
 *
 * @param batchSize images of a full mini-batch, as the learner has it; the last of a stage may have fewer
 */
record ContinualBenchmark(ClassStages stages, int batchSize) {

    /** Most test images by which the movement of the embedding space is measured: their neighbours cost its square. */
    private static final int MOST_PROBES = 1000;

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
                    encoder.spec().embeddingSize(),
                    progress);
            watcher.tested();
        }
    }

    private void learn(Learner learner, int part, ContinualProgress progress, Watcher watcher) {
        List<String> order = stages.order();
        List<List<Example>> miniBatches = new ArrayList<>();
        stages.stages(part).mapToObj(stages::train).forEach(images -> {
            for (int first = 0; first < images.size(); first += batchSize) {
                miniBatches.add(images.subList(first, Math.min(images.size(), first + batchSize)));
            }
        });
        while (progress.miniBatches() < miniBatches.size()) {
            long before = System.nanoTime();
            MiniBatchResult result = learner.learn(miniBatches.get(progress.miniBatches()));
            progress.learned(result, order, System.nanoTime() - before);
            watcher.learned();
        }
    }

    /** @param tested how many of the images, the first ones, were there at the last test */
    private static void test(
            MemoryClassifier classifier,
            Map<String, List<Example>> tests,
            int tested,
            int dimensions,
            ContinualProgress progress) {
        List<Integer> right = new ArrayList<>();
        List<float[]> embeddings = new ArrayList<>(); // of every image, [D]
        tests.forEach((label, images) -> {
            float[] rows = classifier.embed(images); // [images, D]
            right.add(classifier.said(label, rows));
            for (int i = 0; i < images.size(); i++) {
                float[] row = new float[dimensions];
                System.arraycopy(rows, i * dimensions, row, 0, dimensions);
                embeddings.add(row);
            }
        });
        EmbeddingShift shift = tested < 2
                ? null
                : EmbeddingShift.between(
                        progress.probes(), probes(embeddings.subList(0, tested), dimensions), dimensions);
        progress.tested(right, shift, probes(embeddings, dimensions));
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
