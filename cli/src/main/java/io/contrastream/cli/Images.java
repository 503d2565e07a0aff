package io.contrastream.cli;

import io.contrastream.datasets.ImageSource;
import io.contrastream.datasets.ImageSourceException;
import io.contrastream.datasets.ImageStream;
import java.util.function.BiFunction;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which images to stream: options that several commands share. */
final class Images {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--images",
            paramLabel = "SOURCE",
            defaultValue = "synthetic",
            description = {
                "Data set (default: ${DEFAULT-VALUE}).",
                "synthetic: generated 32x32 images of 120 classes, such as 'striped star'.",
                "cifar100:DIR: the official binary layout, train.bin and fine_label_names.txt.",
                "folder:DIR: image files (PNG, JPEG, WebP, GIF, BMP, TIFF); every folder that holds some is a class."
                        + " What is an image is seen from its bytes; other files are named and left out.",
                "csv:FILE: image files that a list names, a line PATH,LABEL,LABEL... for each, with any number of labels"
                        + " or none; a path is relative to the list."
            })
    private String source;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of everything random: choice and order of classes and images, generated images "
                    + "(default: ${DEFAULT-VALUE}).")
    private long seed;

    String source() {
        return source;
    }

    long seed() {
        return seed;
    }

    /** Opens the data set; what is wrong with it is wrong with the command. */
    ImageSource open() {
        return open(ImageSource::open);
    }

    /** The same without labels. */
    ImageSource openUnlabelled() {
        return open(ImageSource::openUnlabelled);
    }

    private ImageSource open(BiFunction<String, Long, ImageSource> opening) {
        try {
            ImageSource open = opening.apply(source, seed);
            open.remarks().forEach(remark -> command.commandLine().getErr().println(remark));
            command.commandLine().getErr().flush();
            return open;
        } catch (ImageSourceException e) {
            throw new ParameterException(command.commandLine(), "--images: " + e.getMessage(), e);
        }
    }

    /** The order of the images of an open data set. */
    ImageStream stream(ImageSource open, int classes, int limit) {
        try {
            return ImageStream.of(open, classes, limit, seed);
        } catch (ImageSourceException e) {
            throw new ParameterException(command.commandLine(), "--" + e.getMessage(), e);
        }
    }
}
