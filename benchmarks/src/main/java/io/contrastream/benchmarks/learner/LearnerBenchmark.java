package io.contrastream.benchmarks.learner;

import io.contrastream.benchmarks.encoder.Timings;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.learner.ClassProgress;
import io.contrastream.learning.learner.Example;
import io.contrastream.learning.learner.Learner;
import io.contrastream.learning.learner.LearnerOptions;
import io.contrastream.learning.learner.LearnerProgress;
import io.contrastream.learning.learner.LearnerState;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Times the mini-batches of a real learner on a real encoder, and how much of them is the encoder's. Memory is full from the first
 * mini-batch on, as it is for nearly all of a stream. Images are of random pixels, which no branch of the augmentation foresees.
 *
 * @param learner the learner's options
 * @param classes of the stream, in turn
 * @param warmup mini-batches before those that are measured
 * @param miniBatches that are measured, at least 1
 */
record LearnerBenchmark(LearnerOptions learner, int classes, int warmup, int miniBatches) {

    LearnerBenchmark {
        if (warmup < 0 || miniBatches < 1) {
            throw new IllegalArgumentException(
                    "at least 0 mini-batches must come first and 1 be measured, but they are " + warmup + " and "
                            + miniBatches);
        }
    }

    /**
     * Measurements, each by mini-batch.
     *
     * @param whole all of it
     * @param encoder what passed inside of {@link Encoder#train} and {@link Encoder#embed}
     * @param other the rest
     * @param otherShare the rest's share of all the time, in [0, 1]
     */
    record Figures(Timings whole, Timings encoder, Timings other, double otherShare) {}

    Figures run(Encoder encoder) {
        TimedEncoder timed = new TimedEncoder(encoder);
        List<Long> whole = new ArrayList<>();
        List<Long> inside = new ArrayList<>();
        try (Learner learning = new Learner(learner, timed)) {
            fillMemory(learning, encoder);
            for (int i = 0; i < warmup + miniBatches; i++) {
                List<Example> batch =
                        batch(encoder.spec().input(), learner.replay().capacity() + i * learner.batchSize());
                long insideBefore = timed.nanos();
                long before = System.nanoTime();
                learning.learn(batch);
                whole.add(System.nanoTime() - before);
                inside.add(timed.nanos() - insideBefore);
            }
        }
        whole.subList(0, warmup).clear();
        inside.subList(0, warmup).clear();
        List<Long> rest = IntStream.range(0, miniBatches)
                .mapToObj(i -> whole.get(i) - inside.get(i))
                .toList();
        return new Figures(Timings.of(whole), Timings.of(inside), Timings.of(rest), sum(rest) / sum(whole));
    }

    /** By way of a restored state: to learn so many images first would take hours where a step takes a second. */
    private void fillMemory(Learner learning, Encoder encoder) {
        Map<Integer, Example> slots = new HashMap<>();
        for (int slot = 0; slot < learner.replay().capacity(); slot++) {
            slots.put(slot, example(encoder.spec().input(), slot));
        }
        List<ClassProgress> statistics = new ArrayList<>();
        for (int label = 0; label < Math.min(classes, slots.size()); label++) {
            int support = (slots.size() - label + classes - 1) / classes;
            double[] mean = new double[encoder.spec().embeddingSize()];
            Arrays.fill(mean, 1);
            statistics.add(new ClassProgress(label(label), support, false, support, mean));
        }
        learning.restore(
                new LearnerState(
                        encoder.state(),
                        new LearnerProgress(
                                slots.size(),
                                0,
                                new BitSet(),
                                0,
                                0,
                                0,
                                learner.replay().reservoir(),
                                learner.replay().capacity(),
                                0,
                                statistics)),
                slots);
    }

    private List<Example> batch(ImageShape shape, int first) {
        return IntStream.range(first, first + learner.batchSize())
                .mapToObj(position -> example(shape, position))
                .toList();
    }

    private Example example(ImageShape shape, int position) {
        RandomStream random = RandomStream.of(0, Purpose.GENERATE, 0, position);
        byte[] pixels = new byte[shape.size()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) random.nextLong();
        }
        return new Example("image-" + position, label(position % classes), pixels, position);
    }

    private static String label(int number) {
        return "class-" + number;
    }

    private static double sum(List<Long> nanos) {
        return nanos.stream().mapToLong(Long::longValue).sum();
    }
}
