package io.contrastream.datasets;

import java.nio.file.Path;

/**
 * A data set in two parts with the same classes in the same order.
 *
 * @param train images to learn from
 * @param test images that are never learned from
 */
public record ImageSplit(ImageSource train, ImageSource test) implements AutoCloseable {

    private static final String CIFAR100 = "cifar100:";

    /** @throws ImageSourceException if the parts differ in their classes */
    public ImageSplit {
        if (!train.labels().equals(test.labels())) {
            throw new ImageSourceException("the images to learn from and those to test with have different classes: "
                    + train.labels().size() + " and " + test.labels().size());
        }
    }

    /**
     * Opens a data set. CIFAR-100 has test images of its own; of any other, they are the last fifth of the images of every class
     * (in a folder: by name), at least one.
     *
     * @param source as {@link ImageSource#open} takes it
     * @param seed of the order of classes, and of what is generated
     * @throws ImageSourceException saying what is wrong and what is expected
     */
    public static ImageSplit open(String source, long seed) {
        return open(source, seed, 0);
    }

    /**
     * Likewise, with so many test images of every class where the data set has none of its own.
     *
     * @param testImages 0 for a fifth
     * @throws ImageSourceException also if a class has too few images, or the data set has test images of its own
     */
    public static ImageSplit open(String source, long seed, int testImages) {
        if (testImages > 0 && source.startsWith(CIFAR100)) {
            throw new ImageSourceException("CIFAR-100 has test images of its own: their number cannot be chosen");
        }
        ImageSource all = ImageSource.open(source, seed);
        ImageSource test = null;
        try {
            if (!source.startsWith(CIFAR100)) {
                return new ImageSplit(Portion.learned(all, testImages), Portion.heldOut(all, testImages));
            }
            Path folder = Folders.require(source, source.substring(CIFAR100.length()));
            test = Cifar100Source.open(folder, Cifar100Source.Part.TEST, seed);
            return new ImageSplit(all, test);
        } catch (RuntimeException e) {
            if (test != null) {
                test.close();
            }
            all.close();
            throw e;
        }
    }

    @Override
    public void close() {
        try (train) {
            test.close();
        }
    }
}
