package io.contrastream.benchmarks.continual;

import io.contrastream.benchmarks.continual.ContinualProgress.Part;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** Figures that follow from the counts of a run, at least one part of which has been tested. */
record ContinualFigures(ClassStages stages, ContinualProgress progress) {

    /** A class counts as recognised from so much of its accuracy at the end. */
    static final double RECOGNISED = 0.8;

    List<Part> parts() {
        return progress.parts();
    }

    Prequential prequential() {
        return progress.prequential();
    }

    /** After every part, on the classes of every part. */
    AccuracyMatrix accuracy() {
        return new AccuracyMatrix(
                IntStream.range(0, parts().size())
                        .mapToObj(part -> stages.ofPart(part).stream()
                                .mapToInt(stages::testSize)
                                .sum())
                        .toList(),
                parts().stream().map(this::byPart).toList());
    }

    private List<Integer> byPart(Part tested) {
        int[] first = new int[parts().size() + 1]; // class that a part begins with
        Arrays.setAll(
                first,
                part -> part == 0
                        ? 0
                        : first[part - 1] + stages.ofPart(part - 1).size());
        return IntStream.range(0, first.length - 1)
                .filter(part -> first[part] < tested.right().size())
                .mapToObj(part -> tested.right().subList(first[part], first[part + 1]).stream()
                        .mapToInt(Integer::intValue)
                        .sum())
                .toList();
    }

    /** On the test images of a class, at the last test. */
    double endAccuracy(int label) {
        return (double) parts().get(parts().size() - 1).right().get(label)
                / stages.testSize(stages.order().get(label));
    }

    /** Images from the first one of a class until it is recognised; empty if it never is, or not at the end. */
    OptionalInt imagesUntilRecognised(int label) {
        double end = endAccuracy(label);
        return end == 0 ? OptionalInt.empty() : prequential().imagesUntilRecognised(label, RECOGNISED * end);
    }

    /** Over all classes, one that is never recognised coming after all others; empty if most are never recognised. */
    OptionalDouble medianImagesUntilRecognised() {
        int classes = stages.order().size();
        double[] images = IntStream.range(0, classes)
                .mapToObj(this::imagesUntilRecognised)
                .mapToDouble(until -> until.isPresent() ? until.getAsInt() : Double.POSITIVE_INFINITY)
                .sorted()
                .toArray();
        double median = (images[(classes - 1) / 2] + images[classes / 2]) / 2;
        return Double.isInfinite(median) ? OptionalDouble.empty() : OptionalDouble.of(median);
    }

    /** Share of the test images so far whose class was among the {@link ContinualBenchmark#NEARLY} nearest, after a part. */
    double nearlyAccuracy(int part) {
        int images = IntStream.rangeClosed(0, part)
                .mapToObj(stages::ofPart)
                .flatMap(List::stream)
                .mapToInt(stages::testSize)
                .sum();
        return (double) parts().get(part).nearly() / images;
    }

    /**
     * Forward transfer: over all parts but the first, the mean of what {@link Transfer} counts just before a part is learned, less
     * what it counts with the weights at the start, as shares of the part's test images (after Lopez-Paz and Ranzato 2017, <i>Gradient
     * Episodic Memory</i>, equation 4; a nearest class mean that has not seen a class cannot name it, so that its own figure would
     * say nothing). In [-1, 1]; not defined for one part.
     */
    OptionalDouble forwardTransfer() {
        return IntStream.range(1, parts().size())
                .mapToDouble(part -> (double) (parts().get(part - 1).next()
                                - progress.beginnings().get(part - 1))
                        / stages.ofPart(part).stream()
                                .mapToInt(stages::testSize)
                                .sum())
                .average();
    }

    int trainImages() {
        return parts().stream().mapToInt(Part::images).sum();
    }

    /** Milliseconds of processors' time that learning an image took; empty if unknown. */
    OptionalDouble cpuMillisPerImage() {
        long nanos = parts().stream().mapToLong(Part::cpuNanos).sum();
        return nanos == 0 ? OptionalDouble.empty() : OptionalDouble.of(nanos / 1e6 / trainImages());
    }

    /** Learned in a second, without reading images and without tests. */
    double imagesPerSecond() {
        return trainImages() / (parts().stream().mapToLong(Part::nanos).sum() / 1e9);
    }
}
