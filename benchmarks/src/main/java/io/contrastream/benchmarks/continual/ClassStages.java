package io.contrastream.benchmarks.continual;

import io.contrastream.datasets.ImageSource;
import io.contrastream.datasets.ImageSourceException;
import io.contrastream.datasets.ImageSplit;
import io.contrastream.datasets.SourceImage;
import io.contrastream.learning.learner.Example;
import io.contrastream.operators.decode.ExampleDecoder;
import io.contrastream.operators.decode.Rejection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The classes of a data set, new ones in every stage, as a stream of a shape. Which images, and their order, is a function of the
 * data set, the arguments and the seed.
 */
final class ClassStages {

    private final ImageSplit images;
    private final ExampleDecoder decoder;
    private final List<List<String>> classes;
    private final int imagesPerClass;
    private final int testEvery;
    private final long seed;
    private final List<List<StreamOrder.Place>> stream;

    /**
     * @param classes of every stage, all of them of the data set
     * @param imagesPerClass most images of a class that are learned from, at least 1; or 0 for all
     * @param testEvery stages, at least 1, that make a <i>part</i>: what is learned between two tests. The last may have fewer
     */
    ClassStages(
            ImageSplit images,
            ExampleDecoder decoder,
            List<List<String>> classes,
            int imagesPerClass,
            int testEvery,
            StreamShape shape,
            long seed) {
        this.images = images;
        this.decoder = decoder;
        this.classes = classes.stream().map(List::copyOf).toList();
        this.imagesPerClass = imagesPerClass;
        this.testEvery = testEvery;
        this.seed = seed;
        stream = new StreamOrder(images.train(), this.classes, imagesPerClass, shape, seed).places();
    }

    /** Deals classes, in their order, to stages whose sizes differ by at most one: 1 to as many as there are classes. */
    static List<List<String>> deal(List<String> order, int stages) {
        return IntStream.range(0, stages)
                .mapToObj(stage ->
                        List.copyOf(order.subList(stage * order.size() / stages, (stage + 1) * order.size() / stages)))
                .toList();
    }

    /** New classes of every stage. */
    List<List<String>> classes() {
        return classes;
    }

    /** Most images of a class that are learned from; 0 for all. */
    int imagesPerClass() {
        return imagesPerClass;
    }

    /** Stages of a part. */
    int testEvery() {
        return testEvery;
    }

    /** Parts that all stages make. */
    int parts() {
        return (classes.size() + testEvery - 1) / testEvery;
    }

    /** Stages of a part, counted from 0. */
    IntStream stages(int part) {
        return IntStream.range(part * testEvery, Math.min(classes.size(), (part + 1) * testEvery));
    }

    /** New classes of a part, in their order. */
    List<String> ofPart(int part) {
        return stages(part).mapToObj(classes::get).flatMap(List::stream).toList();
    }

    /** Classes of all stages, in their order. */
    List<String> order() {
        return classes.stream().flatMap(List::stream).toList();
    }

    /** Images that are learned from in all. */
    int trainSize() {
        return stream.stream().mapToInt(List::size).sum();
    }

    /** Images that are learned from in a part. */
    int trainSize(int part) {
        return stages(part).map(stage -> stream.get(stage).size()).sum();
    }

    /** Examples of a stage, in the order in which they are learned when it is gone through for the first time. */
    List<Example> train(int stage) {
        return train(stage, 0);
    }

    /** Examples of a stage, in another order every time that it is gone through. */
    List<Example> train(int stage, int pass) {
        List<StreamOrder.Place> places = new ArrayList<>(stream.get(stage));
        if (pass > 0) {
            StreamOrder.shuffle(places, stage, pass, seed);
        }
        List<Example> examples = new ArrayList<>();
        for (StreamOrder.Place place : places) {
            Example example = example(images.train(), decoder, place.label(), place.index());
            examples.add(
                    place.said().equals(example.label())
                            ? example
                            : new Example(example.id(), place.said(), example.pixels(), example.eventTimeMillis()));
        }
        return examples;
    }

    /** Images of a class to learn from, in random order, whether they are in the stream or not: so many, if it has as many. */
    List<Example> sample(String label, int most) {
        int index = images.train().labels().indexOf(label);
        int[] order = StreamOrder.ofClass(images.train(), index, stageOf(label), seed);
        return IntStream.of(order)
                .limit(most)
                .mapToObj(i -> example(images.train(), decoder, index, i))
                .toList();
    }

    private int stageOf(String label) {
        return IntStream.range(0, classes.size())
                .filter(stage -> classes.get(stage).contains(label))
                .findFirst()
                .orElseThrow();
    }

    int testSize(String label) {
        return images.test().size(images.test().labels().indexOf(label));
    }

    /** All test images of a class. */
    List<Example> test(String label) {
        int index = images.test().labels().indexOf(label);
        return IntStream.range(0, testSize(label))
                .mapToObj(i -> example(images.test(), decoder, index, i))
                .toList();
    }

    static Example example(ImageSource source, ExampleDecoder decoder, int labelIndex, int index) {
        SourceImage image = source.image(labelIndex, index);
        try {
            return decoder.decode(image.record(Instant.EPOCH, Map.of()));
        } catch (Rejection e) {
            throw new ImageSourceException("image '" + image.id() + "' cannot be used: " + e.getMessage(), e);
        }
    }
}
