package io.contrastream.benchmarks.continual;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Whether every image of a stream was predicted rightly before its label was used: test-then-train. Classes are numbers from 0.
 * Not thread-safe.
 */
final class Prequential {

    /** Most images of a class that its accuracy is taken over, to tell when the class is recognised. */
    static final int MOST_RECENT = 10;

    private final List<Integer> labels;
    private final List<Boolean> right;

    Prequential() {
        this(List.of(), List.of());
    }

    /** Takes up what {@link #labels()} and {@link #right()} told. */
    Prequential(List<Integer> labels, List<Boolean> right) {
        this.labels = new ArrayList<>(labels);
        this.right = new ArrayList<>(right);
    }

    /** The next image of the stream. */
    void add(int label, boolean predictedRightly) {
        labels.add(label);
        right.add(predictedRightly);
    }

    /** Class of every image. */
    List<Integer> labels() {
        return List.copyOf(labels);
    }

    /** Of every image, whether it was predicted rightly. */
    List<Boolean> right() {
        return List.copyOf(right);
    }

    int images() {
        return labels.size();
    }

    /** Over the whole stream; empty before the first image. */
    OptionalDouble accuracy() {
        return accuracy(IntStream.range(0, images()));
    }

    /** Over the newest images, at most {@code size}; empty before the first. */
    OptionalDouble newest(int size) {
        return accuracy(IntStream.range(Math.max(0, images() - size), images()));
    }

    /** Over the images of a class; empty if there is none. */
    OptionalDouble accuracy(int label) {
        return accuracy(of(label));
    }

    /** Over every {@code size} images that follow one another, the last of them fewer. */
    List<Double> windows(int size) {
        return IntStream.iterate(0, first -> first < images(), first -> first + size)
                .mapToObj(first -> accuracy(IntStream.range(first, Math.min(images(), first + size)))
                        .orElseThrow())
                .toList();
    }

    /**
     * Images of the stream, of whatever class, from the first of a class to the first at which the class is recognised, both
     * counted: when of the newest w images of the class at least the given share was predicted rightly. w is a third of the
     * class's images, rounded up, but at most {@link #MOST_RECENT}.
     *
     * @param share above 0
     * @return empty if that never happens
     */
    OptionalInt imagesUntilRecognised(int label, double share) {
        int[] own = of(label).toArray();
        int recent = Math.min(MOST_RECENT, (own.length + 2) / 3);
        return IntStream.range(recent, own.length + 1)
                .filter(end -> accuracy(IntStream.range(end - recent, end).map(i -> own[i]))
                                .orElse(-1)
                        >= share)
                .map(end -> own[end - 1] - own[0] + 1)
                .findFirst();
    }

    private IntStream of(int label) {
        return IntStream.range(0, images()).filter(i -> labels.get(i) == label);
    }

    private OptionalDouble accuracy(IntStream positions) {
        return positions.map(i -> right.get(i) ? 1 : 0).average();
    }
}
