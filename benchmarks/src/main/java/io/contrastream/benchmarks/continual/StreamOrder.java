package io.contrastream.benchmarks.continual;

import io.contrastream.datasets.ImageSource;
import io.contrastream.datasets.Shuffle;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The order in which the images of stages come. Every image has a place on a line on which stage s reaches from s to s + 1: evenly
 * spread over the stage of its class in random order, but moved by the shape of the stream. Places are then sorted.
 */
record StreamOrder(ImageSource images, List<List<String>> classes, int imagesPerClass, StreamShape shape, long seed) {

    /** Steps of the random streams beside those of the stages, whose numbers are not below 0. */
    private static final int RANKS = -1;

    private static final int MOVES = -2;
    private static final int NOISE = -3;
    private static final int PASS = -3; // less the pass, from 1

    /**
     * An image of the stream.
     *
     * @param label position of its class in the data set
     * @param index of the image in its class
     * @param said the label that it comes with
     */
    record Place(int label, int index, String said) {}

    private record Placed(double at, Place place) {}

    /** The images of a class in random order, the first of which are learned from. */
    static int[] ofClass(ImageSource images, int label, int stage, long seed) {
        return Shuffle.permutation(images.size(label), RandomStream.of(seed, Purpose.SHUFFLE, stage, 1L + label));
    }

    /** Puts the images of a stage in the order of a later pass, from 1. */
    static void shuffle(List<Place> places, int stage, int pass, long seed) {
        Shuffle.shuffle(places, RandomStream.of(seed, Purpose.SHUFFLE, PASS - pass, stage));
    }

    /** Places of the images of every stage, in their order. */
    List<List<Place>> places() {
        List<Placed> line = new ArrayList<>();
        int[] ranks = Shuffle.permutation(
                classes.stream().mapToInt(List::size).sum(), RandomStream.of(seed, Purpose.SHUFFLE, RANKS, 0));
        int known = 0; // classes of the stages before
        for (int stage = 0; stage < classes.size(); stage++) {
            List<Place> own = new ArrayList<>();
            for (String label : classes.get(stage)) {
                int number = images.labels().indexOf(label);
                int[] order = ofClass(images, number, stage, seed);
                int size = shape.images(
                        ranks[known++], imagesPerClass == 0 ? order.length : Math.min(order.length, imagesPerClass));
                IntStream.of(order).limit(size).forEach(index -> own.add(new Place(number, index, label)));
            }
            Shuffle.shuffle(own, RandomStream.of(seed, Purpose.SHUFFLE, stage, 0));
            RandomStream random = RandomStream.of(seed, Purpose.SHUFFLE, MOVES, stage);
            for (int i = 0; i < own.size(); i++) {
                line.add(new Placed(moved(stage, (i + 0.5) / own.size(), random), own.get(i)));
            }
        }
        line.sort(Comparator.comparingDouble(Placed::at)); // stable
        List<List<Place>> stages = Stream.<List<Place>>generate(ArrayList::new)
                .limit(classes.size())
                .toList();
        line.forEach(placed -> stages.get(stage(placed.at)).add(placed.place));
        return IntStream.range(0, stages.size())
                .mapToObj(stage -> labelled(stages.get(stage), stage))
                .toList();
    }

    private double moved(int stage, double within, RandomStream random) {
        double at = stage + within;
        if (stage + 1 < classes.size() && random.nextDouble() < shape.returning()) {
            at = random.nextDouble(stage + 1, classes.size());
        }
        return at + shape.blur() * random.nextDouble(-1, 1);
    }

    private int stage(double at) {
        return (int) Math.max(0, Math.min(classes.size() - 1, Math.floor(at)));
    }

    /** With wrong labels among them: of the classes of this stage and of those before. */
    private List<Place> labelled(List<Place> places, int stage) {
        RandomStream random = RandomStream.of(seed, Purpose.SHUFFLE, NOISE, stage);
        List<String> known =
                classes.subList(0, stage + 1).stream().flatMap(List::stream).toList();
        return places.stream()
                .map(place -> {
                    if (random.nextDouble() >= shape.labelNoise()) {
                        return place;
                    }
                    List<String> others = known.stream()
                            .filter(label -> !label.equals(place.said()))
                            .toList();
                    return others.isEmpty()
                            ? place
                            : new Place(place.label(), place.index(), others.get(random.nextInt(others.size())));
                })
                .toList();
    }
}
