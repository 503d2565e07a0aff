package io.contrastream.benchmarks;

import io.contrastream.jobs.images.ImageSource;
import io.contrastream.jobs.images.ImageSourceException;
import io.contrastream.jobs.images.ImageSplit;
import io.contrastream.jobs.images.Shuffle;
import io.contrastream.jobs.images.SourceImage;
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
 */
record ClassStages(
        ImageSplit images, ExampleDecoder decoder, List<List<String>> classes, int imagesPerClass, long seed) {

    /** Deals classes, in their order, to stages whose sizes differ by at most one: 1 to as many as there are classes. */
    static List<List<String>> deal(List<String> order, int stages) {
        return IntStream.range(0, stages)
                .mapToObj(stage ->
                        List.copyOf(order.subList(stage * order.size() / stages, (stage + 1) * order.size() / stages)))
                .toList();
    }

    /** What is learned in a stage, in this order. */
    List<Example> train(int stage) {
        List<Example> examples = new ArrayList<>();
        for (String label : classes.get(stage)) {
            int index = images.train().labels().indexOf(label);
            int size = images.train().size(index);
            int[] order = Shuffle.permutation(size, RandomStream.of(seed, Purpose.SHUFFLE, stage, 1 + index));
            int count = imagesPerClass == 0 ? size : Math.min(size, imagesPerClass);
            for (int i = 0; i < count; i++) {
                examples.add(example(images.train(), index, order[i]));
            }
        }
        Shuffle.shuffle(examples, RandomStream.of(seed, Purpose.SHUFFLE, stage, 0));
        return examples;
    }

    /** All test images of the classes of a stage. */
    List<Example> test(int stage) {
        List<Example> examples = new ArrayList<>();
        for (String label : classes.get(stage)) {
            int index = images.test().labels().indexOf(label);
            for (int i = 0; i < images.test().size(index); i++) {
                examples.add(example(images.test(), index, i));
            }
        }
        return examples;
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
