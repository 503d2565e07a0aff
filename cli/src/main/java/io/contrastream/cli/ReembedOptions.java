package io.contrastream.cli;

import picocli.CommandLine.Option;

/** Options of {@code contrastream embed} for a bounded source. */
final class ReembedOptions {

    private static final String TOPIC = "topic:";

    @Option(
            names = "--images",
            required = true,
            paramLabel = "SOURCE",
            description = {
                "Embed these images and end, rather than what comes on image-queries.",
                "folder:DIR, csv:FILE, cifar100:DIR or synthetic, as for produce; or topic:NAME: all that the topic has now, records of type"
                        + " LabelledImage or ImageQuery."
            })
    private String images;

    @Option(
            names = "--output",
            required = true,
            paramLabel = "TOPIC",
            description = "Where the embeddings go: a topic that is empty, or has embeddings of the same version.")
    private String output;

    @Option(
            names = "--release",
            paramLabel = "VERSION",
            defaultValue = "",
            description =
                    "Release to embed with: a version of the model, beside its newest announced release, or the folder of any"
                            + " release (default: embedding.release, or else the newest announced).")
    private String release;

    String images() {
        return images;
    }

    String output() {
        return output;
    }

    /** A version, the path or URI of a folder, or empty. */
    String release() {
        return release;
    }

    boolean fromTopic() {
        return images.startsWith(TOPIC);
    }

    /** Name of the topic that images come from. */
    String topic() {
        return images.substring(TOPIC.length());
    }
}
