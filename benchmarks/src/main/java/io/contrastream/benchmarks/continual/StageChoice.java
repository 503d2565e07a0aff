package io.contrastream.benchmarks.continual;

import io.contrastream.datasets.ImageSourceException;
import io.contrastream.datasets.ImageSplit;
import io.contrastream.operators.decode.ExampleDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import picocli.CommandLine.Option;

/** Which classes of which images come in which stages. */
final class StageChoice {

    @Option(
            names = "--images",
            paramLabel = "SOURCE",
            required = true,
            description = {
                "Data set, with images that are only tested with.",
                "cifar100:DIR: the official binary layout, train.bin, test.bin and fine_label_names.txt.",
                "folder:DIR: PNG and JPEG files; every folder that holds some is a class. The last fifth of its files, "
                        + "by name, is tested with, but at least one.",
                "synthetic: generated 32x32 images; the last fifth of a class is tested with."
            })
    private String source;

    @Option(
            names = "--protocol",
            paramLabel = "NAME",
            defaultValue = "mini",
            description = {
                "Defaults that go together (default: ${DEFAULT-VALUE}).",
                "mini: 10 classes, 5 stages, 250 images a class, memory 200, recall 50.",
                "reduced: 20 classes, 5 stages, all images, memory 400, recall 100.",
                "full: 100 classes, 10 stages, all images, memory 2000, recall 100."
            })
    private Protocol protocol;

    @Option(names = "--classes", paramLabel = "N", description = "Number of classes, from the start of the order.")
    private Integer classes;

    @Option(names = "--stages", paramLabel = "K", description = "Stages that the classes are dealt to.")
    private Integer stages;

    @Option(
            names = "--images-per-class",
            paramLabel = "N",
            description = "Images of a class that are learned from, fewer if it has fewer; 0 for all.")
    private Integer imagesPerClass;

    @Option(
            names = "--test-images",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Images of a class that are tested with, if the data set has none for that (default: a fifth).")
    private int testImages;

    @Option(
            names = "--test-every",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Stages between two tests, and so in an entry of the accuracy matrix (default: ${DEFAULT-VALUE}).")
    private int testEvery;

    @Option(
            names = "--passes",
            paramLabel = "N",
            defaultValue = "1",
            description = "Times that the images of a stage are learned, each time in another order (default: "
                    + "${DEFAULT-VALUE}, one pass over the stream).")
    private int passes;

    @Option(
            names = "--zipf",
            paramLabel = "S",
            defaultValue = "0",
            description =
                    "Exponent of the classes' frequencies: the class of rank r, which is random, has r^-S times the "
                            + "images that it would have otherwise (default: ${DEFAULT-VALUE}, all equally frequent).")
    private double zipf;

    @Option(
            names = "--blur",
            paramLabel = "B",
            defaultValue = "0",
            description =
                    "Most stages by which an image comes earlier or later than its place, at random, so that stages "
                            + "run into one another (default: ${DEFAULT-VALUE}).")
    private double blur;

    @Option(
            names = "--returning",
            paramLabel = "P",
            defaultValue = "0",
            description =
                    "Share of a class's images that come in later stages than its own, at random, so that classes "
                            + "come back (default: ${DEFAULT-VALUE}).")
    private double returning;

    @Option(
            names = "--label-noise",
            paramLabel = "P",
            defaultValue = "0",
            description = "Share of images that come with the label of another class that is known by then (default: "
                    + "${DEFAULT-VALUE}).")
    private double labelNoise;

    @Option(
            names = "--class-order",
            paramLabel = "FILE",
            description = "Order of the classes, a label a line (default: random, from the seed).")
    private Path classOrder;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Seed of everything random: order of classes and images, first weights, recall, views, memory "
                            + "(default: ${DEFAULT-VALUE}).")
    private long seed;

    String source() {
        return source;
    }

    Protocol protocol() {
        return protocol;
    }

    /** Of a class; 0 for as many as the data set has. */
    int testImages() {
        return testImages;
    }

    long seed() {
        return seed;
    }

    /** @throws IllegalArgumentException if it is below 1 */
    int passes() {
        return inRange("--passes", passes, 1, 1000, "1 for one pass");
    }

    /** @throws IllegalArgumentException naming an option that is out of its range */
    StreamShape shape() {
        return new StreamShape(zipf, blur, returning, labelNoise);
    }

    /** Opens the data set, which is the caller's to close. */
    ImageSplit open() {
        try {
            return ImageSplit.open(
                    source, seed, inRange("--test-images", testImages, 0, Integer.MAX_VALUE - 1, "0 for a fifth"));
        } catch (ImageSourceException e) {
            throw new IllegalArgumentException("--images: " + e.getMessage(), e);
        }
    }

    /**
     * The stream.
     *
     * @param together whether all classes come in one stage, unless {@code --stages} says otherwise
     * @throws IllegalArgumentException naming the option, its value and what is allowed, if one does not fit the data set
     */
    ClassStages of(ImageSplit images, ExampleDecoder decoder, boolean together) {
        List<String> order = classOrder == null
                ? images.train().labels()
                : read(images.train().labels());
        int n = inRange(
                "--classes",
                Objects.requireNonNullElse(classes, protocol.classes),
                1,
                order.size(),
                "the classes there are");
        int k = inRange(
                "--stages", Objects.requireNonNullElse(stages, together ? 1 : protocol.stages), 1, n, "the classes");
        int most = inRange(
                "--images-per-class",
                Objects.requireNonNullElse(imagesPerClass, protocol.imagesPerClass),
                0,
                Integer.MAX_VALUE,
                "0 for all");
        passes();
        int every = inRange("--test-every", testEvery, 1, k, "the stages");
        return new ClassStages(images, decoder, ClassStages.deal(order.subList(0, n), k), most, every, shape(), seed);
    }

    private List<String> read(List<String> labels) {
        List<String> order;
        try {
            order = Files.readAllLines(classOrder).stream()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .toList();
        } catch (IOException e) {
            throw new IllegalArgumentException("--class-order " + classOrder + ": cannot be read: " + e, e);
        }
        Set<String> known = new HashSet<>(labels);
        for (String label : order) {
            if (!known.remove(label)) {
                throw new IllegalArgumentException("--class-order " + classOrder + ": '" + label + "' is "
                        + (labels.contains(label) ? "there twice" : "no class of " + source));
            }
        }
        return order;
    }

    private static int inRange(String option, int value, int least, int most, String meaning) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(option + " is " + value + ", but must be a whole number from " + least
                    + " to " + most + " (" + meaning + ")");
        }
        return value;
    }
}
