package io.contrastream.benchmarks;

import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.learner.Example;
import io.contrastream.learning.learner.Learner;
import io.contrastream.learning.learner.LearnerOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/**
 * Class-incremental learning in one pass: the learner takes the images of stage after stage, each once, and is not told of
 * stages. After each, {@link MemoryClassifier} classifies the test images of all classes seen so far.
 *
 * @param learner the learner's options
 */
record ContinualBenchmark(LearnerOptions learner) {

    /**
     * One stage.
     *
     * @param images that were learned from
     * @param learning how long that took, without reading images and without the test
     * @param loss mean of its mini-batches; empty if no optimiser step was taken
     * @param accuracy up to the end of this stage
     */
    record Stage(int images, Duration learning, OptionalDouble loss, AccuracyMatrix accuracy) {}

    /**
     * Learns all stages.
     *
     * @param each is told of every stage when it has ended
     * @throws io.contrastream.jobs.images.ImageSourceException if an image cannot be read
     */
    List<Stage> run(Encoder encoder, ClassStages stages, Consumer<Stage> each) {
        List<Stage> done = new ArrayList<>();
        List<List<Example>> tests = new ArrayList<>();
        List<List<Integer>> right = new ArrayList<>();
        try (Learner learning = new Learner(learner, encoder)) {
            for (int number = 0; number < stages.classes().size(); number++) {
                List<Example> train = stages.train(number);
                tests.add(stages.test(number));
                long before = System.nanoTime();
                OptionalDouble loss = learn(learning, train);
                Duration time = Duration.ofNanos(System.nanoTime() - before);
                MemoryClassifier classifier = new MemoryClassifier(learning, encoder);
                right.add(tests.stream().map(classifier::right).toList());
                done.add(new Stage(
                        train.size(),
                        time,
                        loss,
                        new AccuracyMatrix(tests.stream().map(List::size).toList(), right)));
                each.accept(done.get(number));
            }
        }
        return done;
    }

    private OptionalDouble learn(Learner learning, List<Example> images) {
        List<Float> losses = new ArrayList<>();
        for (int first = 0; first < images.size(); first += learner.batchSize()) {
            int end = Math.min(images.size(), first + learner.batchSize());
            losses.add(learning.learn(images.subList(first, end)).loss());
        }
        return losses.stream()
                .filter(loss -> !loss.isNaN())
                .mapToDouble(Float::doubleValue)
                .average();
    }
}
