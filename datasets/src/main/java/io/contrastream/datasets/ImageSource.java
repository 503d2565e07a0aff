package io.contrastream.datasets;

import java.util.List;

/** A data set of labelled images. Thread-safe. */
public interface ImageSource extends AutoCloseable {

    /** The size of an image that has to be read, or made, to know it. */
    long UNKNOWN_SIZE = -1;

    /** Name for people, such as {@code cifar100}. */
    String name();

    /** Its classes, in the order in which a stream of some of them takes them; among them the empty text, if images have no label. */
    List<String> labels();

    /**
     * Number of images of a class, at least 1.
     *
     * @param labelIndex position in {@link #labels()}
     */
    int size(int labelIndex);

    /**
     * One image.
     *
     * @param labelIndex position in {@link #labels()}
     * @param index from 0 to {@code size(labelIndex) - 1}
     * @throws ImageSourceException if it cannot be read
     */
    SourceImage image(int labelIndex, int index);

    /**
     * Identity of an image, as {@link #image} has it.
     *
     * @throws ImageSourceException if it cannot be read
     */
    default String id(int labelIndex, int index) {
        return image(labelIndex, index).id();
    }

    /**
     * Size of an encoded image in bytes, if that is known without reading it.
     *
     * @return {@link #UNKNOWN_SIZE} if it is not
     */
    default long sizeBytes(int labelIndex, int index) {
        return UNKNOWN_SIZE;
    }

    /**
     * Warnings about the data set before it is used: files that are in its place and not part of it.
     *
     * @return lines, none if all is as it should be
     */
    default List<String> remarks() {
        return List.of();
    }

    /** Closes its files. Idempotent. */
    @Override
    void close();

    /**
     * Opens a data set.
     *
     * @param source {@code synthetic}, {@code cifar100:DIR}, {@code folder:DIR} or {@code csv:FILE}
     * @param seed of the order of classes, and of what is generated
     * @throws ImageSourceException saying what is wrong and what is expected
     */
    static ImageSource open(String source, long seed) {
        return open(source, seed, true);
    }

    /**
     * Opens a data set of which no label is wanted: of a folder, all images in it and in the folders below it, as one class without a name; of
     * a list, all that it names, the same; of CIFAR-100, the test images.
     *
     * @param source as {@link #open(String, long)} takes it
     * @throws ImageSourceException saying what is wrong and what is expected
     */
    static ImageSource openUnlabelled(String source, long seed) {
        return open(source, seed, false);
    }

    private static ImageSource open(String source, long seed, boolean labelled) {
        int colon = source.indexOf(':');
        String scheme = colon < 0 ? source : source.substring(0, colon);
        String place = colon < 0 ? "" : source.substring(colon + 1);
        return switch (scheme) {
            case "synthetic" -> {
                if (colon >= 0) {
                    throw new ImageSourceException("synthetic images take no place, but got '" + source + "'");
                }
                yield new SyntheticSource(seed);
            }
            case "cifar100" ->
                Cifar100Source.open(
                        Folders.require(source, place),
                        labelled ? Cifar100Source.Part.TRAIN : Cifar100Source.Part.TEST,
                        seed);
            case "folder" ->
                labelled
                        ? FolderSource.open(Folders.require(source, place), seed)
                        : FolderSource.openUnlabelled(Folders.require(source, place));
            case "csv" ->
                labelled
                        ? CsvSource.open(Folders.requireFile(source, place), seed)
                        : CsvSource.openUnlabelled(Folders.requireFile(source, place));
            default ->
                throw new ImageSourceException("unknown image source '" + source
                        + "', allowed: synthetic, cifar100:DIR, folder:DIR, csv:FILE");
        };
    }
}
