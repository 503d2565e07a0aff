package io.contrastream.benchmarks.continual;

import io.contrastream.datasets.ImageSource;
import io.contrastream.datasets.ImageSourceException;
import io.contrastream.datasets.ImageSplit;
import io.contrastream.datasets.Shuffle;
import io.contrastream.datasets.SourceImage;
import io.contrastream.learning.learner.Example;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import io.contrastream.operators.decode.ExampleDecoder;
import io.contrastream.operators.decode.Rejection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The classes of a data set, new ones in every stage; within a stage, their images come in random order. Which images, and their
 * order, is a function of the data set, the arguments and the seed.
 *
 * @param classes of every stage, all of them of the data set
 * @param imagesPerClass most images of a class that are learned from, at least 1; or 0 for all
 * @param testEvery stages, at least 1, that make a <i>part</i>: what is learned between two tests. The last may have fewer
 */
record ClassStages(
        ImageSplit images,
        ExampleDecoder decoder,
        List<List<String>> classes,
        int imagesPerClass,
        int testEvery,
        long seed) {

    /** Deals classes, in their order, to stages whose sizes differ by at most one: 1 to as many as there are classes. */
    static List<List<String>> deal(List<String> order, int stages) {
        return IntStream.range(0, stages)
                .mapToObj(stage ->
                        List.copyOf(order.subList(stage * order.size() / stages, (stage + 1) * order.size() / stages)))
                .toList();
    }

    /** Parts that all stages make. */
    int parts() {
        return (classes.size() + testEvery - 1) / testEvery;
    }

    /** Stages of a part, counted from 0. */
    IntStream stages(int part) {
        return IntStream.range(part * testEvery, Math.min(classes.size(), (part + 1) * testEvery));
    }

    /** Classes of a part, in their order. */
    List<String> ofPart(int part) {
        return stages(part).mapToObj(classes::get).flatMap(List::stream).toList();
    }

    /** Classes of all stages, in their order. */
    List<String> order() {
        return classes.stream().flatMap(List::stream).toList();
    }

    /** Images that are learned from in a part. */
    int trainSize(int part) {
        return ofPart(part).stream().mapToInt(this::trainSize).sum();
    }

    private int trainSize(String label) {
        int size = images.train().size(images.train().labels().indexOf(label));
        return imagesPerClass == 0 ? size : Math.min(size, imagesPerClass);
    }

    /** What is learned in a stage, in this order. */
    List<Example> train(int stage) {
        List<Example> examples = new ArrayList<>();
        for (String label : classes.get(stage)) {
            int index = images.train().labels().indexOf(label);
            int size = images.train().size(index);
            int[] order = Shuffle.permutation(size, RandomStream.of(seed, Purpose.SHUFFLE, stage, 1 + index));
            for (int i = 0; i < trainSize(label); i++) {
                examples.add(example(images.train(), index, order[i]));
            }
        }
        Shuffle.shuffle(examples, RandomStream.of(seed, Purpose.SHUFFLE, stage, 0));
        return examples;
    }

    int testSize(String label) {
        return images.test().size(images.test().labels().indexOf(label));
    }

    /** All test images of a class. */
    List<Example> test(String label) {
        int index = images.test().labels().indexOf(label);
        return IntStream.range(0, testSize(label))
                .mapToObj(i -> example(images.test(), index, i))
                .toList();
    }

    private Example example(ImageSource source, int labelIndex, int index) {
        SourceImage image = source.image(labelIndex, index);
        try {
            return decoder.decode(image.record(Instant.EPOCH, Map.of()));
        } catch (Rejection e) {
            throw new ImageSourceException("image '" + image.id() + "' cannot be used: " + e.getMessage(), e);
        }
    }
}
