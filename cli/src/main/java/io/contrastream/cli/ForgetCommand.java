package io.contrastream.cli;

import io.contrastream.topics.Tombstones;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicException;
import java.io.PrintWriter;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code contrastream forget}. */
@Command(
        name = "forget",
        description = {
            "Takes images back: sends a tombstone for each to the topic that they came by, behind the image.",
            "When the learner reads it, the image leaves memory and the topic of embeddings, and the prototype of its"
                    + " class is made anew without it. What the weights have learned from it stays until it has been"
                    + " trained over.",
            "Reads the topics from their beginning, to find the images and their partitions."
        },
        mixinStandardHelpOptions = true)
final class ForgetCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private KafkaClient kafka;

    @Mixin
    private TopicFormats formats;

    @ArgGroup(multiplicity = "1")
    private What what;

    /** One or the other. */
    private static final class What {

        @Option(names = "--id", paramLabel = "ID", description = "An image; may be given several times.")
        private List<String> ids;

        @Option(
                names = "--label",
                paramLabel = "LABEL",
                description =
                        "All images of a class: those whose newest record has the label, also if only embeddings has"
                                + " them any longer.")
        private String label;
    }

    @Option(
            names = "--topic",
            paramLabel = "NAME",
            defaultValue = "labelled-images",
            description = "Where the images are (default: ${DEFAULT-VALUE}).")
    private String topic;

    @Option(
            names = "--embeddings-topic",
            paramLabel = "NAME",
            defaultValue = "embeddings",
            description = "Where their embeddings are (default: ${DEFAULT-VALUE}).")
    private String embeddingsTopic;

    @Option(names = "--dry-run", description = "Send nothing, only say which images it would be.")
    private boolean dryRun;

    @Override
    public Integer call() throws InterruptedException {
        if (what.ids != null && what.ids.contains("")) {
            throw new ParameterException(spec.commandLine(), "--id is empty, but must have 1 to 256 characters");
        }
        Tombstones tombstones = new Tombstones(
                kafka.bootstrapServers(), kafka.properties(), topic, formats.of(Topic.LABELLED_IMAGES, topic, kafka));
        Collection<String> ids = what.ids != null
                ? new LinkedHashSet<>(what.ids)
                : tombstones.ofLabel(what.label, embeddingsTopic, formats.of(Topic.EMBEDDINGS, embeddingsTopic, kafka));
        if (ids.isEmpty()) {
            throw new TopicException(
                    "there is no image of label '" + what.label + "' in " + topic + " or " + embeddingsTopic);
        }
        PrintWriter out = spec.commandLine().getOut();
        if (dryRun) {
            ids.forEach(out::println);
        } else {
            tombstones.send(ids);
        }
        out.printf(
                "%s forget %d image%s to %s%n",
                dryRun ? "would send orders to" : "sent orders to", ids.size(), ids.size() == 1 ? "" : "s", topic);
        out.flush();
        return 0;
    }
}
